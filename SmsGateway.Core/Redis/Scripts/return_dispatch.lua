#!lua flags=allow-oom
-- Gives messages of a dispatcher's claim back, to be sent at a later time; nothing of theirs has been sent, or sending again is safe.
-- What is not in the claim any more is left alone.
--
-- KEYS  1 claim of the dispatcher   2 messages   3 scheduled
-- ARGV  groups of message id, payload, due (Unix ms), member of the scheduled set ("<lane> <account> <id>")
-- Returns the number of messages given back

local returned = 0
for i = 1, #ARGV, 4 do
  if redis.call('HDEL', KEYS[1], ARGV[i]) == 1 then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i + 3])
    returned = returned + 1
  end
end
return returned
