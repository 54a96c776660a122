#!lua flags=allow-oom
-- Takes tokens from a provider's bucket, by Redis' clock, which is the same for all workers (GCRA: what is stored is the time at which the
-- bucket will be full again). The key never expires. Where it is missing, or is of a Redis that has only just learnt this script (it was
-- restarted, or a replica took over), what was sent just before is not known: nothing is granted for a whole window. A time further ahead than
-- that, from a clock that was wrong, counts as that.
--
-- KEYS  1 bucket
-- ARGV  1 tokens wanted   2 time in which one token flows in, µs   3 tokens that the bucket holds   4 window, µs
--       5 1: this Redis did not know the script
-- Returns {tokens granted, µs until the next one}

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[2])
local depth = interval * tonumber(ARGV[3])
local latest = now + tonumber(ARGV[4]) + depth

local known = ARGV[5] ~= '1' and tonumber(redis.call('GET', KEYS[1]) or '')
local full_at = math.min(math.max(known or latest, now), latest)
local granted = math.max(0, math.min(tonumber(ARGV[1]), math.floor((now + depth - full_at) / interval)))
full_at = math.ceil(full_at + granted * interval)
if granted > 0 or not known or known > latest then
  redis.call('SET', KEYS[1], string.format('%.0f', full_at))
end
return {granted, math.max(0, math.ceil(full_at + interval - depth - now))}
