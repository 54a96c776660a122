#!lua flags=allow-oom
-- Takes a dead letter back: what it holds goes to the end of the buffer that it came from. Twice the same letter is taken once.
--
-- KEYS  1 dead letters   2 buffer: the queue of a message's lane, or sms_status_buffer   3 messages   4 buffered_cost
-- ARGV  1 letter   2 what it holds   then, for a message: 3 message id   4 account id   5 cost, minor units
-- Returns 1, or 0 where the letter is not there any more

if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
  return 0
end
if ARGV[3] then
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
  redis.call('HINCRBY', KEYS[4], ARGV[4], ARGV[5])
  redis.call('RPUSH', KEYS[2], ARGV[3])
else
  redis.call('RPUSH', KEYS[2], ARGV[2])
end
return 1
