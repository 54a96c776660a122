#!lua
-- Takes the cost and queues the message, both or neither; answers a repeated request with what it got the first time.
-- A Redis that is full refuses the script before it begins (no allow-oom flag).
--
-- KEYS  1 user_balance   2 pending_deduct   3 messages   4 queue of the lane   5 buffered_cost   6 epoch
--       7 idempotency record; left out where the request has no key
-- ARGV  1 message id   2 payload   3 cost, minor units > 0   4 account id   5 backlog bound, messages
--       6 request fingerprint   7 life of the idempotency record, seconds          (6 and 7 with KEYS 7)
-- Returns {code, detail}
--       1 accepted                    2 replayed; detail: "<message id> <cost>" of the first answer
--       3 same key, other request     4 balance too low; detail: the balance
--       5 balance not loaded          6 backlog full
--       7 closed: this Redis has no epoch, so its balances cannot be trusted
--
-- No floating point: Redis adds and subtracts 64-bit integers. Of what it returns only the sign is looked at, which a Lua number cannot lose.

if KEYS[7] then
  local record = redis.call('GET', KEYS[7])
  if record then
    if string.sub(record, 1, #ARGV[6]) ~= ARGV[6] then
      return {3}
    end
    return {2, string.sub(record, #ARGV[6] + 2)}
  end
end

if redis.call('EXISTS', KEYS[6]) == 0 then
  return {7}
end
if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[5]) then
  return {6}
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {5}
end
if redis.call('DECRBY', KEYS[1], ARGV[3]) < 0 then
  redis.call('INCRBY', KEYS[1], ARGV[3])
  return {4, redis.call('GET', KEYS[1])}
end

redis.call('INCRBY', KEYS[2], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('RPUSH', KEYS[4], ARGV[1])
redis.call('HINCRBY', KEYS[5], ARGV[4], ARGV[3])
if KEYS[7] then
  redis.call('SET', KEYS[7], ARGV[6] .. ' ' .. ARGV[1] .. ' ' .. ARGV[3], 'EX', ARGV[7])
end
return {1}
