#!lua flags=no-writes
-- Reads a claim that another worker left, in the form that claim_ingest.lua returns.
--
-- KEYS  1 claim list   2 messages   3 epoch
-- Returns {} where the claim is gone, else {epoch id or '', epoch counter or 0, id 1, payload 1, …}

local chunk = 1000
local ids = redis.call('LRANGE', KEYS[1], 0, -1)
if #ids == 0 then
  return {}
end
local result = {redis.call('HGET', KEYS[3], 'id') or '', tonumber(redis.call('HGET', KEYS[3], 'counter') or 0)}
for first = 1, #ids, chunk do
  local last = math.min(first + chunk - 1, #ids)
  local payloads = redis.call('HMGET', KEYS[2], unpack(ids, first, last))
  for i = 1, #payloads do
    result[#result + 1] = ids[first + i - 1]
    result[#result + 1] = payloads[i] or ''
  end
end
return result
