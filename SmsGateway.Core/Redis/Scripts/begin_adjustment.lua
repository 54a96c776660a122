#!lua
-- Takes a negative adjustment out of a balance and remembers it until its ledger row is written: both or neither.
-- buffered_cost holds it meanwhile, so that no balance is loaded from a database that does not know of it yet.
--
-- KEYS  1 user_balance   2 pending_deduct   3 buffered_cost   4 adjustments   5 finished_adjustments   6 epoch
-- ARGV  1 field of the adjustment ("<account> <reference>")   2 payload   3 minor units to take > 0   4 account id
--       5 finished_adjustments, or 0, as it was before the ledger was asked and did not have the adjustment
-- Returns {code, detail}
--       1 taken                       2 taken before and not finished yet; detail: its payload
--       4 balance too low             5 balance not loaded
--       7 closed: no epoch            8 an adjustment was finished since the ledger was asked: ask it again
--
-- No floating point: Redis adds and subtracts 64-bit integers. Of what it returns only the sign is looked at, which a Lua number cannot lose.

local payload = redis.call('HGET', KEYS[4], ARGV[1])
if payload then
  return {2, payload}
end
if (redis.call('GET', KEYS[5]) or '0') ~= ARGV[5] then
  return {8}
end
if redis.call('EXISTS', KEYS[6]) == 0 then
  return {7}
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {5}
end
if redis.call('DECRBY', KEYS[1], ARGV[3]) < 0 then
  redis.call('INCRBY', KEYS[1], ARGV[3])
  return {4}
end

redis.call('INCRBY', KEYS[2], ARGV[3])
redis.call('HINCRBY', KEYS[3], ARGV[4], ARGV[3])
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
return {1}
