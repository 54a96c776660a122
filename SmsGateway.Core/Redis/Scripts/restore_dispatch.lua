#!lua flags=allow-oom
-- Tells a Redis that lost time what a dispatcher holds: its claim stands again, and no rebuild overlooks what may be with a provider.
--
-- KEYS  1 claim of the dispatcher   2 workers that have told what they hold   3 epoch
-- ARGV  1 worker   then pairs of message id and payload
-- Returns 1, or 0 where Redis is open: it has not lost time, or has been rebuilt

if redis.call('EXISTS', KEYS[3]) == 1 then
  return 0
end
for i = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('SADD', KEYS[2], ARGV[1])
return 1
