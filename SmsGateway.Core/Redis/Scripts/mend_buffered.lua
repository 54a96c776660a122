#!lua flags=allow-oom
-- Mends buffered_cost of an account. Compare-and-set: nothing is changed where it is not any more what it was when it was held against the buffers.
--
-- KEYS  1 buffered_cost
-- ARGV  1 account id   2 what it was, minor units, or whatever a hand has put there   3 what it must be, minor units
-- Returns 1 mended   0 it has changed since

if (redis.call('HGET', KEYS[1], ARGV[1]) or '0') ~= ARGV[2] then
  return 0
end
if ARGV[3] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
