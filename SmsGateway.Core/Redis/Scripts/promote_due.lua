#!lua flags=allow-oom
-- Moves messages whose time has come to the dispatch lists of their accounts, oldest first.
--
-- KEYS  1 scheduled   2 express rotation   3 normal rotation
-- ARGV  1 now, Unix ms   2 most messages to move   3 prefix of the dispatch lists
-- Returns the number moved

local rotation = {express = KEYS[2], normal = KEYS[3]}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for i = 1, #due do
  redis.call('ZREM', KEYS[1], due[i])
  local lane, account, id = string.match(due[i], '^(%a+) (%d+) (%S+)$')
  local list = ARGV[3] .. lane .. '_' .. account
  if redis.call('EXISTS', list) == 0 then
    redis.call('RPUSH', rotation[lane], account)
  end
  redis.call('RPUSH', list, id)
end
return #due
