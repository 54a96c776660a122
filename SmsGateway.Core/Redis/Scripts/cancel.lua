#!lua flags=allow-oom
-- Cancels a message that no dispatcher has taken. From here on it cannot be sent; the outcome makes it cancelled and refunded in the database.
--
-- KEYS  1 messages   2 cancelled   3 scheduled   4 sms_status_buffer   5 cancellation of this message   6 epoch
-- ARGV  1 message id   2 member of the scheduled set ("<lane> <account> <id>")   3 outcome   4 life of the cancellation's key, seconds
-- Returns 1 cancelled   2 was cancelled before   0 too late, or not here: handed to a provider, finished, or never known
--         7 closed: a Redis without an epoch may have forgotten that the message was sent

if redis.call('EXISTS', KEYS[5]) == 1 then
  return 2
end
if redis.call('EXISTS', KEYS[6]) == 0 then
  return 7
end
-- A payload that names the one provider to ask again may have been sent. In text its quotes would be escaped.
local payload = redis.call('HGET', KEYS[1], ARGV[1])
if not payload or string.find(payload, '"only_provider":', 1, true) then
  return 0
end
if redis.call('ZREM', KEYS[3], ARGV[2]) == 1 then
  redis.call('HDEL', KEYS[1], ARGV[1])
  -- Cancelled while it was in the buffer, and handed over since.
  if redis.call('SREM', KEYS[2], ARGV[1]) == 1 then
    return 2
  end
elseif redis.call('SADD', KEYS[2], ARGV[1]) == 0 then
  return 2
end
redis.call('SET', KEYS[5], '', 'EX', ARGV[4])
redis.call('RPUSH', KEYS[4], ARGV[3])
return 1
