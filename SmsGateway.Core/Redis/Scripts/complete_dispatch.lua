#!lua flags=allow-oom
-- Takes messages out of a dispatcher's claim and appends what was learnt of them, both or neither. What is not in the claim any more
-- (another worker took it over) is appended all the same: outcomes only go forward, so a late one does no harm and may be the true one.
--
-- KEYS  1 claim of the dispatcher   2 sms_status_buffer; or dead letters, for what is no message
-- ARGV  pairs of message id and outcome, or letter
-- Returns the number of messages that were still in the claim

local held = 0
for i = 1, #ARGV, 2 do
  held = held + redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('RPUSH', KEYS[2], ARGV[i + 1])
end
return held
