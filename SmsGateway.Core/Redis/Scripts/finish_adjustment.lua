#!lua flags=allow-oom
-- Forgets a negative adjustment: its ledger row is written, or the ledger has another under its reference and it is taken back.
-- Running it twice, or by two processes, is harmless: only the first finds the adjustment.
--
-- KEYS  1 adjustments   2 buffered_cost   3 finished_adjustments   4 user_balance   5 pending_deduct
-- ARGV  1 field of the adjustment   2 account id   3 minor units that were taken   4 written, or refused
-- Returns 1, or 0 where the adjustment is not there any more

if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('INCR', KEYS[3])
if redis.call('HINCRBY', KEYS[2], ARGV[2], '-' .. ARGV[3]) == 0 then
  redis.call('HDEL', KEYS[2], ARGV[2])
end
-- A balance that is lost will be loaded from the ledger, which does not know of what is taken back.
if ARGV[4] == 'refused' and redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('INCRBY', KEYS[4], ARGV[3])
  redis.call('DECRBY', KEYS[5], ARGV[3])
end
return 1
