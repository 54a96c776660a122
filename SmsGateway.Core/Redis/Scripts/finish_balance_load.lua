#!lua
-- Stores the balance of an account that Redis lacked, if the lock is still the loader's.
--
-- KEYS  1 user_balance   2 balance_load lock   3 pending_deduct   4 sync_seq
-- ARGV  1 token of the loader   2 balance, minor units   3 pending, minor units   4 sync_seq
-- Returns 1 stored   0 the lock was lost, or the balance is there; nothing is changed

if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[3], ARGV[3])
redis.call('SET', KEYS[4], ARGV[4])
redis.call('DEL', KEYS[2])
return 1
