#!lua flags=allow-oom
-- Takes back the dead letters of a message that the database has whole and as queued: puts the message where it waits for its time. It is charged
-- already. Twice the same letters are taken once.
--
-- KEYS  1 epoch   2 messages   3 scheduled   4 dead letters
-- ARGV  1 message id   2 payload   3 due, Unix ms   4 member of the scheduled set ("<lane> <account> <id>")   5… letters
-- Returns 1 requeued   0 the first letter is not there any more   2 the message waits already; its letters are taken away   7 closed: no epoch

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 7
end
if redis.call('LREM', KEYS[4], 0, ARGV[5]) == 0 then
  return 0
end
for i = 6, #ARGV do
  redis.call('LREM', KEYS[4], 0, ARGV[i])
end
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then
  return 2
end
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
return 1
