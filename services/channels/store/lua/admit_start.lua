-- Counts one start of a chat against its source over all processes of the hub: the generic cell rate algorithm, one number per
-- source (services/channels/domain/limiter.h has the same in C++). Writes nothing when it refuses.
-- Returns 0 if admitted, else the milliseconds to wait.
-- KEYS[1] string: theoretical arrival of the source's next start, milliseconds since the epoch; expires by itself
-- ARGV[1] integer: starts per period
-- ARGV[2] integer: period in milliseconds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local period = tonumber(ARGV[2])
local interval = math.max(1, math.floor(period / tonumber(ARGV[1])))
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local ahead = arrival + interval - now - period
if ahead > 0 then
  return ahead
end
redis.call('SET', KEYS[1], string.format('%d', arrival + interval), 'PX', period + interval)
return 0
