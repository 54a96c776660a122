#!lua flags=no-writes
-- Reads the money of an account at one instant.
--
-- KEYS  1 user_balance   2 pending_deduct   3 sync_seq   4 buffered_cost
-- ARGV  1 account id
-- Returns {balance, pending, sync_seq, buffered cost}, each a decimal string or nil

return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('HGET', KEYS[4], ARGV[1])}
