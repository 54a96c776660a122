#!lua flags=no-writes
-- Reads the money of an account at one instant.
--
-- KEYS  1 user_balance   2 pending_deduct   3 sync_seq   4 buffered_cost
-- ARGV  1 account id
-- Returns {balance, pending, sync_seq, buffered cost}, each a decimal string or nil; what a hand has garbled comes as it is, or as 'no string'

local function read(...)
  local value = redis.pcall(...)
  return type(value) == 'table' and 'no string' or value
end

return {read('GET', KEYS[1]), read('GET', KEYS[2]), read('GET', KEYS[3]), read('HGET', KEYS[4], ARGV[1])}
