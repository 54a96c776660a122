#!lua
-- Takes the cost of many messages of one account and queues them all, or does nothing; answers a repeated request with what it got the first time.
-- A Redis that is full refuses the script before it begins (no allow-oom flag).
--
-- KEYS  1 user_balance   2 pending_deduct   3 messages   4 normal queue   5 express queue   6 buffered_cost   7 epoch
--       8 idempotency record; left out where the request has no key
-- ARGV  1 account id   2 cost of all, minor units > 0   3 backlog bound, messages   4 how many are normal
--       5 the record   6 the record that this one completes, or ''   7 length of the fingerprint that opens a record
--       8 life of the idempotency record, seconds      (5 to 8 are '' and 0 where the request has no key)
--       then pairs of message id and payload, the normal ones first
-- Returns {code, detail}
--       1 accepted                    2 replayed; detail: the record of the first answer
--       3 same key, other request     4 balance too low; detail: the balance
--       5 balance not loaded          6 backlog full
--       7 closed: this Redis has no epoch, so its balances cannot be trusted
--
-- Money as in accept.lua. The chunks keep to the values that Lua can unpack.

local first_item = 9
local chunk = 1000

if KEYS[8] then
  local record = redis.call('GET', KEYS[8])
  if record and record ~= ARGV[6] then
    if string.sub(record, 1, ARGV[7]) ~= string.sub(ARGV[5], 1, ARGV[7]) then
      return {3}
    end
    return {2, record}
  end
end

if redis.call('EXISTS', KEYS[7]) == 0 then
  return {7}
end
local count = (#ARGV - first_item + 1) / 2
if redis.call('HLEN', KEYS[3]) + count > tonumber(ARGV[3]) then
  return {6}
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {5}
end
if redis.call('DECRBY', KEYS[1], ARGV[2]) < 0 then
  redis.call('INCRBY', KEYS[1], ARGV[2])
  return {4, redis.call('GET', KEYS[1])}
end

redis.call('INCRBY', KEYS[2], ARGV[2])
redis.call('HINCRBY', KEYS[6], ARGV[1], ARGV[2])
for i = first_item, #ARGV, 2 * chunk do
  redis.call('HSET', KEYS[3], unpack(ARGV, i, math.min(i + 2 * chunk - 1, #ARGV)))
end

local function push(queue, from, to)
  for i = from, to, chunk do
    local ids = {}
    for n = i, math.min(i + chunk - 1, to) do
      ids[#ids + 1] = ARGV[first_item + 2 * (n - 1)]
    end
    redis.call('RPUSH', queue, unpack(ids))
  end
end
local normal = tonumber(ARGV[4])
push(KEYS[4], 1, normal)
push(KEYS[5], normal + 1, count)

if KEYS[8] then
  redis.call('SET', KEYS[8], ARGV[5], 'EX', ARGV[8])
end
return {1}
