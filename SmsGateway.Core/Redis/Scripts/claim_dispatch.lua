#!lua flags=allow-oom
-- Moves messages that may be sent now to the claim of this dispatcher, never more than it has free slots. Fair between accounts: takes a
-- quantum of the next account in the rotation and puts the account behind the others if any of its messages are left.
--
-- KEYS  1 rotation of the lane to serve first   2 rotation of the other lane   3 messages   4 claim of this dispatcher   5 cancelled   6 epoch
--       7 there while an operator has paused dispatch
-- ARGV  1 prefix of the dispatch lists   2 name of the first lane   3 name of the other lane   4 free slots, 0 to only look
--       5 quantum, messages   6 how far to count what is left waiting, messages
-- Returns {id 1, payload 1, id 2, payload 2, …, left waiting}; nothing from a Redis that has no epoch, for it may have forgotten what was
-- sent, and nothing while dispatch is paused

local result = {}
if redis.call('EXISTS', KEYS[6]) == 0 or redis.call('EXISTS', KEYS[7]) == 1 then
  return {0}
end
local free = tonumber(ARGV[4])
local quantum = tonumber(ARGV[5])

local function claim(id)
  local payload = redis.call('HGET', KEYS[3], id)
  if not payload then
    return
  end
  redis.call('HDEL', KEYS[3], id)
  if redis.call('SREM', KEYS[5], id) == 1 then
    return
  end
  redis.call('HSET', KEYS[4], id, payload)
  result[#result + 1] = id
  result[#result + 1] = payload
  free = free - 1
end

for lane = 1, 2 do
  while free > 0 do
    local account = redis.call('LPOP', KEYS[lane])
    if not account then
      break
    end
    local list = ARGV[1] .. ARGV[lane + 1] .. '_' .. account
    local ids = redis.call('LPOP', list, math.min(quantum, free)) or {}
    for i = 1, #ids do
      claim(ids[i])
    end
    if redis.call('EXISTS', list) == 1 then
      redis.call('RPUSH', KEYS[lane], account)
    end
  end
end

-- Each account in a rotation has a message at least, so as many accounts as are to be counted are enough to look at.
local look = tonumber(ARGV[6])
local left = 0
for lane = 1, 2 do
  local accounts = left < look and redis.call('LRANGE', KEYS[lane], 0, look - 1) or {}
  for i = 1, #accounts do
    if left >= look then
      break
    end
    left = left + redis.call('LLEN', ARGV[1] .. ARGV[lane + 1] .. '_' .. accounts[i])
  end
end
result[#result + 1] = math.min(left, look)
return result
