#!lua flags=allow-oom
-- Renews the lease of a worker, advances the epoch counter, and names the workers whose lease has ended.
--
-- KEYS  1 workers   2 epoch
-- ARGV  1 worker id   2 lease, ms
-- Returns {epoch id or '', epoch counter, dead worker 1, dead worker 2, …}

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])

local result = {redis.call('HGET', KEYS[2], 'id') or '', 0}
if result[1] ~= '' then
  result[2] = redis.call('HINCRBY', KEYS[2], 'counter', 1)
end
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - 1)
for i = 1, #dead do
  result[#result + 1] = dead[i]
end
return result
