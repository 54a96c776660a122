#!lua flags=allow-oom
-- Takes a dead letter back: what it holds goes to the end of the buffer that it came from. A message is charged again, for its cost was given
-- back when it was set aside. Twice the same letter is taken once.
--
-- KEYS  1 dead letters   2 buffer: the queue of a message's lane, or sms_status_buffer
--       for a message: 3 messages   4 buffered_cost   5 user_balance   6 pending_deduct   7 epoch
-- ARGV  1 letter   2 what it holds   then, for a message: 3 message id   4 account id   5 cost, minor units
-- Returns 1 requeued   0 the letter is not there any more   4 balance too low   5 balance not loaded   7 closed: no epoch

if not KEYS[3] then
  if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
    return 0
  end
  redis.call('RPUSH', KEYS[2], ARGV[2])
  return 1
end

if redis.call('EXISTS', KEYS[7]) == 0 then
  return 7
end
if redis.call('EXISTS', KEYS[5]) == 0 then
  return 5
end
if redis.call('DECRBY', KEYS[5], ARGV[5]) < 0 then
  redis.call('INCRBY', KEYS[5], ARGV[5])
  return 4
end
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
  redis.call('INCRBY', KEYS[5], ARGV[5])
  return 0
end
redis.call('INCRBY', KEYS[6], ARGV[5])
redis.call('HINCRBY', KEYS[4], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
redis.call('RPUSH', KEYS[2], ARGV[3])
return 1
