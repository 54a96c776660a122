#!lua flags=allow-oom
-- Writes into a dispatcher's claim which provider it is about to ask for a message. What is not in the claim any more must not be sent.
--
-- KEYS  1 claim of the dispatcher
-- ARGV  1 message id   2 payload
-- Returns 1, or 0 where the message is not in the claim

if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
