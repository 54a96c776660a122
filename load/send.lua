-- For wrk: wrk … -s load/send.lua URL -- send KEYS RUN   posts messages, each with an X-Request-ID of its own, by the API keys that the file KEYS
--                                                        lists, in turn; RUN makes the ids of this run unlike those of every other
--          wrk … -s load/send.lua URL -- get             gets URL
-- Prints one line of JSON at the end, which begins with {"requests".

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local function poster(keys_file, run)
  local body = '{"recipient":"+447700900123","message":"Your code is 493817. It is valid for ten minutes.","priority":"normal"}'
  local heads = {}
  for key in io.lines(keys_file) do
    heads[#heads + 1] = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nContent-Type: application/json\r\nContent-Length: "
      .. #body .. "\r\nX-Api-Key: " .. key .. "\r\nX-Request-ID: " .. run .. "-" .. number .. "-"
  end

  local tail = "\r\n\r\n" .. body
  local count = 0
  return function()
    count = count + 1
    return heads[count % #heads + 1] .. count .. tail
  end
end

function init(args)
  if args[1] == "send" then
    request = poster(args[2], args[3])
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p95":%d,"p99":%d,"mean":%.0f,"max":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.mean, latency.max))
end
