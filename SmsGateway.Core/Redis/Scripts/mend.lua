#!lua flags=allow-oom
-- Puts back what no list names any more, where nothing else has happened to it since. Running it twice is harmless.
--
-- KEYS  1 epoch   2 messages   3 scheduled   4 queue of the lane   5 rotation of the lane   6 dispatch list of the account
-- ARGV  1 word   then its operands:
--       send <id> <due, Unix ms> <member of the scheduled set>   a message of the database that is in messages
--       store <id>                                               a message that is in messages and not in the database: to the queue of its lane
--       rotate <account>                                         an account whose dispatch list its rotation does not name
-- Returns 1 put back   0 something has happened to it, or it is there already   7 closed: no epoch

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 7
end

local function rotation_names(account)
  local accounts = redis.call('LRANGE', KEYS[5], 0, -1)
  for i = 1, #accounts do
    if accounts[i] == account then
      return true
    end
  end
  return false
end

if ARGV[1] == 'rotate' then
  if redis.call('EXISTS', KEYS[6]) == 0 or rotation_names(ARGV[2]) then
    return 0
  end
  redis.call('RPUSH', KEYS[5], ARGV[2])
  return 1
end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then
  return 0
end
if ARGV[1] == 'send' then
  return redis.call('ZADD', KEYS[3], 'NX', ARGV[3], ARGV[4])
end
redis.call('RPUSH', KEYS[4], ARGV[2])
return 1
