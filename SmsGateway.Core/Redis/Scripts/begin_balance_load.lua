#!lua
-- Begins to load the balance of an account that Redis lacks. Only one loader at a time holds the lock, and none while something of the
-- account is still on its way to the database: nothing is accepted without a balance, so that drains by itself and the sum is exact.
--
-- KEYS  1 user_balance   2 balance_load lock   3 buffered_cost   4 epoch
-- ARGV  1 token of the loader   2 life of the lock, ms   3 account id
-- Returns 1 the lock is yours   2 the balance is there   3 another loader is at it   4 messages of the account are still buffered   7 closed

if redis.call('EXISTS', KEYS[4]) == 0 then
  return 7
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 2
end
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then
  return 4
end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 3
end
return 1
