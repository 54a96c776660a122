#!lua flags=allow-oom
-- Ends an ingest claim whose messages are in the database: puts each where it is sent from, and forgets the claim.
-- Running it twice, or by two workers, is harmless: only the first finds the claim.
--
-- KEYS  1 ingest_claims   2 claim list   3 messages   4 buffered_cost   5 scheduled   6 dead letters
--       7 express rotation   8 normal rotation   9 cancelled
-- ARGV  1 claim id   2 prefix of the dispatch lists   3 prefix of user_balance   4 prefix of pending_deduct   then instructions, each a word
--       and its operands:
--       cost <account> <minor units>                      not on its way to the database any more: its usage row is there, or will never be
--       refund <account> <minor units>                    of what is set aside: nothing is charged for it
--       send <lane> <account> <n> <id 1> … <id n>         to the account's dispatch list
--       later <due, Unix ms> <lane> <account> <id>        to the scheduled set
--       drop <id>                                         in the database before this claim: never to be sent from here
--       dead <id> <letter>                                set aside with its reason
-- Returns 1, or 0 where the claim is not there any more

if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('DEL', KEYS[2])

local chunk = 1000
local rotation = {express = KEYS[7], normal = KEYS[8]}
local i = 5
while i <= #ARGV do
  local word = ARGV[i]
  if word == 'send' then
    local lane, account, count = ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
    local list = ARGV[2] .. lane .. '_' .. account
    if redis.call('EXISTS', list) == 0 then
      redis.call('RPUSH', rotation[lane], account)
    end
    local last = i + 3 + count
    for first = i + 4, last, chunk do
      redis.call('RPUSH', list, unpack(ARGV, first, math.min(first + chunk - 1, last)))
    end
    i = last + 1
  elseif word == 'cost' then
    local left = redis.call('HINCRBY', KEYS[4], ARGV[i + 1], '-' .. ARGV[i + 2])
    if left == 0 then
      redis.call('HDEL', KEYS[4], ARGV[i + 1])
    end
    i = i + 3
  elseif word == 'refund' then
    -- A balance that is lost will be loaded from the database, which does not know of the charge.
    if redis.call('EXISTS', ARGV[3] .. ARGV[i + 1]) == 1 then
      redis.call('INCRBY', ARGV[3] .. ARGV[i + 1], ARGV[i + 2])
      redis.call('DECRBY', ARGV[4] .. ARGV[i + 1], ARGV[i + 2])
    end
    i = i + 3
  elseif word == 'later' then
    redis.call('ZADD', KEYS[5], ARGV[i + 1], ARGV[i + 2] .. ' ' .. ARGV[i + 3] .. ' ' .. ARGV[i + 4])
    i = i + 5
  elseif word == 'drop' then
    redis.call('HDEL', KEYS[3], ARGV[i + 1])
    redis.call('SREM', KEYS[9], ARGV[i + 1])
    i = i + 2
  else
    redis.call('HDEL', KEYS[3], ARGV[i + 1])
    redis.call('SREM', KEYS[9], ARGV[i + 1])
    redis.call('RPUSH', KEYS[6], ARGV[i + 2])
    i = i + 3
  end
end
return 1
