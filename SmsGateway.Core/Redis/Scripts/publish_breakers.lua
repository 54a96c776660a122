#!lua flags=allow-oom
-- Tells how the breakers of one worker stand. What a worker does not repeat in time is forgotten.
--
-- KEYS  1 breakers
-- ARGV  1 worker   2 how long it holds, ms   then pairs of provider and state
-- Returns the number of entries of all workers

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 3, #ARGV, 2 do
  for _, state in ipairs({'closed', 'half_open', 'open'}) do
    redis.call('ZREM', KEYS[1], state .. ' ' .. ARGV[i] .. ' ' .. ARGV[1])
  end
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i + 1] .. ' ' .. ARGV[i] .. ' ' .. ARGV[1])
end
return redis.call('ZCARD', KEYS[1])
