#!lua flags=allow-oom
-- Makes the claims of a worker whose lease has ended those of another. A worker that is alive loses nothing.
--
-- KEYS  1 workers   2 claims (ingest_claims or status_claims)
-- ARGV  1 dead worker   2 its heir
-- Returns the ids of the claims that changed hands

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease_end = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lease_end and tonumber(lease_end) >= now then
  return {}
end

local taken = {}
local claims = redis.call('HGETALL', KEYS[2])
for i = 1, #claims, 2 do
  if claims[i + 1] == ARGV[1] then
    redis.call('HSET', KEYS[2], claims[i], ARGV[2])
    taken[#taken + 1] = claims[i]
  end
end
return taken
