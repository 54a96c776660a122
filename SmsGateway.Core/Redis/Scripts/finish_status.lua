#!lua flags=allow-oom
-- Ends a status claim whose outcomes are in the database. Running it twice is harmless.
--
-- KEYS  1 status_claims   2 claim list   3 parked_outcomes   4 dead letters
-- ARGV  1 claim id   then instructions: park <next attempt, Unix ms> <outcome>   or   dead <letter>
-- Returns 1, or 0 where the claim is not there any more

if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('DEL', KEYS[2])
local i = 2
while i <= #ARGV do
  if ARGV[i] == 'park' then
    redis.call('ZADD', KEYS[3], ARGV[i + 1], ARGV[i + 2])
    i = i + 3
  else
    redis.call('RPUSH', KEYS[4], ARGV[i + 1])
    i = i + 2
  end
end
return 1
