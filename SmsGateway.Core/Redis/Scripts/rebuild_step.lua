#!lua flags=allow-oom
-- One step of a rebuild. It changes nothing once another rebuild has begun or this one has ended, so a worker that was paused and
-- overtaken does no harm when it wakes up.
--
-- KEYS  1 rebuild   2 epoch   then those of the step
-- ARGV  1 token of the rebuild   2 step   then its operands:
--       forget                              KEYS 3… are deleted
--       queue                               KEYS 3 messages   4 scheduled; operands: groups of id, payload, due (Unix ms), member of the scheduled set
--       remember                            KEYS 3… idempotency records; operands: pairs of record and life, seconds
--       open <epoch id> <epoch counter>     the rebuild has ended; KEYS 3 what was needed only until then
-- Returns 1   0 the rebuild has been overtaken

if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end

local step = ARGV[2]
if step == 'forget' then
  for i = 3, #KEYS do
    redis.call('UNLINK', KEYS[i])
  end
elseif step == 'queue' then
  for i = 3, #ARGV, 4 do
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
    redis.call('ZADD', KEYS[4], ARGV[i + 2], ARGV[i + 3])
  end
elseif step == 'remember' then
  for i = 3, #KEYS do
    redis.call('SET', KEYS[i], ARGV[2 * i - 3], 'EX', ARGV[2 * i - 2])
  end
else
  redis.call('HSET', KEYS[2], 'id', ARGV[3], 'counter', ARGV[4])
  redis.call('DEL', KEYS[1], KEYS[3])
end
return 1
