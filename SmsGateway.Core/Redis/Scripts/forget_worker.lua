#!lua flags=allow-oom
-- Forgets a worker whose lease has ended and that has left nothing behind.
--
-- KEYS  1 workers   2 dispatch claim of the worker
-- ARGV  1 worker
-- Returns 0 it is alive   1 it is dead and its dispatch claim holds messages   2 forgotten

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease_end = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lease_end and tonumber(lease_end) >= now then
  return 0
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 1
end
redis.call('ZREM', KEYS[1], ARGV[1])
return 2
