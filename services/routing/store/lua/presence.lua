-- A connection of an agent asserts its lease, or releases it (it then ends after a grace).
-- Returns OK, SAME (release of an unknown connection), STALE (an older lease), LIMIT, NOT_FOUND, RESTORING.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent, [3] connection, [4] lease number, [5] lasts ms from now, [6] release 0/1
local a, id, release = live_agent(ARGV[2]), ARGV[3], ARGV[6] == '1'
if not a then return finish(RESTORING and 'RESTORING' or 'NOT_FOUND') end
local known = a.c[id]
-- A release is newer than the assertion of the same number.
local lease = tonumber(ARGV[4]) * 2 + (release and 1 or 0)
if known and lease < known[1] then return finish('STALE') end
if not known then
  if release then return finish('SAME') end
  local n = 0
  for _ in pairs(a.c) do n = n + 1 end
  if n >= 16 then return finish('LIMIT') end
end
local due = NOW + tonumber(ARGV[5])
a.c[id] = {lease, due}
put('a:', a)
write('ZADD', DL, due, 'p|' .. a.id .. '|' .. id)
if not a.on then
  a.on, a.idle = true, NOW
  touch(a)
  event('agent_presence', nil, a.id, nil, 'present')
  match_agent(a)
end
return finish('OK')
