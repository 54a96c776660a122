#!lua flags=allow-oom
-- Takes away the dead letter of a message that the database has, and ends the message as failed, both or neither. A message that waits to be sent
-- after all is left alone: only its letter goes.
--
-- KEYS  1 dead letters   2 sms_status_buffer   3 messages
-- ARGV  1 letter   2 outcome   3 message id
-- Returns 1 dropped   0 the letter is not there any more

if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
  return 0
end
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 0 then
  redis.call('RPUSH', KEYS[2], ARGV[2])
end
return 1
