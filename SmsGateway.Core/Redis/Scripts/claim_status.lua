#!lua flags=allow-oom
-- Moves the oldest outcomes, and parked ones whose time has come (half of the claim at most), to a claim list of this worker.
--
-- KEYS  1 sms_status_buffer   2 parked_outcomes   3 claim list   4 status_claims
-- ARGV  1 claim id   2 worker id   3 most outcomes to claim   4 now, Unix ms
-- Returns the outcomes

local most = tonumber(ARGV[3])
local outcomes = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[4], 'LIMIT', 0, math.ceil(most / 2))
for i = 1, #outcomes do
  redis.call('ZREM', KEYS[2], outcomes[i])
end
local fresh = #outcomes < most and redis.call('LPOP', KEYS[1], most - #outcomes) or {}
for i = 1, #fresh do
  outcomes[#outcomes + 1] = fresh[i]
end
if #outcomes == 0 then
  return outcomes
end

local chunk = 1000
for first = 1, #outcomes, chunk do
  redis.call('RPUSH', KEYS[3], unpack(outcomes, first, math.min(first + chunk - 1, #outcomes)))
end
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
return outcomes
