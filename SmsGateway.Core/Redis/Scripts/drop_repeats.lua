#!lua flags=allow-oom
-- Drops what waits to be asked again although it has become clear what became of it. Other messages of these ids are left alone; what lists
-- and sets still name the message finds no payload and goes on.
--
-- KEYS  1 messages
-- ARGV  message ids
-- Returns the number dropped

local dropped = 0
for i = 1, #ARGV do
  -- A payload that names the one provider to ask again. In text its quotes would be escaped.
  local payload = redis.call('HGET', KEYS[1], ARGV[i])
  if payload and string.find(payload, '"only_provider":', 1, true) then
    redis.call('HDEL', KEYS[1], ARGV[i])
    dropped = dropped + 1
  end
end
return dropped
