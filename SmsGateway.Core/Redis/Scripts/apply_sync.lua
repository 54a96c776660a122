#!lua flags=allow-oom
-- Tells Redis what the database has applied since the sync that Redis reflects. Compare-and-set on sync_seq: late or repeated calls change nothing.
--
-- KEYS  1 user_balance   2 pending_deduct   3 sync_seq   4 balance_load lock
-- ARGV  1 sync_seq that the sums start after   2 sync_seq that they end with   3 usage, minor units   4 top-ups, refunds and adjustments, minor units
-- Returns 1 applied   2 Redis reflects another sync than the sums start after   3 the balance is not loaded
--         4 the balance is being loaded, maybe from before this sync: tell Redis again

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 3 + redis.call('EXISTS', KEYS[4])
end
if redis.call('GET', KEYS[3]) ~= ARGV[1] then
  return 2
end
redis.call('SET', KEYS[3], ARGV[2])
redis.call('DECRBY', KEYS[2], ARGV[3])
redis.call('INCRBY', KEYS[1], ARGV[4])
return 1
