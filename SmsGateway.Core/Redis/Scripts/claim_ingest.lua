#!lua flags=allow-oom
-- Moves the oldest accepted messages to a claim list of this worker, express first but leaving a fifth to normal.
--
-- KEYS  1 express queue   2 normal queue   3 claim list   4 ingest_claims   5 messages   6 epoch
-- ARGV  1 claim id   2 worker id   3 most messages to claim
-- Returns {} where there is nothing, else {epoch id or '', epoch counter or 0, id 1, payload 1, id 2, payload 2, …}; a payload that is missing is an empty string.
--
-- Each claim advances the epoch counter, which its transaction records: a Redis that has forgotten a claim that landed is recognised.

local chunk = 1000
local most = tonumber(ARGV[3])
local normal_share = math.min(redis.call('LLEN', KEYS[2]), math.floor(most / 5))
local ids = redis.call('LPOP', KEYS[1], most - normal_share) or {}
local normal = #ids < most and redis.call('LPOP', KEYS[2], most - #ids) or {}
for i = 1, #normal do
  ids[#ids + 1] = normal[i]
end
if #ids == 0 then
  return {}
end

-- A Redis without an epoch is being rebuilt: it counts nothing, and must not look as if it had one.
local result = {redis.call('HGET', KEYS[6], 'id') or '', 0}
if result[1] ~= '' then
  result[2] = redis.call('HINCRBY', KEYS[6], 'counter', 1)
end
for first = 1, #ids, chunk do
  local last = math.min(first + chunk - 1, #ids)
  redis.call('RPUSH', KEYS[3], unpack(ids, first, last))
  local payloads = redis.call('HMGET', KEYS[5], unpack(ids, first, last))
  for i = 1, #payloads do
    result[#result + 1] = ids[first + i - 1]
    result[#result + 1] = payloads[i] or ''
  end
end
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
return result
