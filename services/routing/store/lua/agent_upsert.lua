-- An agent's eligibility and capacity from the configuration.
-- Returns OK or STALE (an older revision).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent, [3] revision, [4] profile, [5] capacity "channel=slots:excluded by,...;..." sorted by channel
local a, revision = get('a:', ARGV[2]), tonumber(ARGV[3])
if a and revision < a.rv then return finish('STALE') end
if a then
  for i = 1, #a.cap do write('ZREM', P .. 'f:' .. a.p .. ':' .. a.cap[i][1], a.id) end
  a.f = {}
else
  a = {
    id = ARGV[2], s = {}, c = {}, on = false, rt = false, act = 'offline', av = 0, as = NOW, idle = NOW, vr = 0,
    f = {}, w = {}
  }
end
a.rv, a.rm, a.p, a.cap = revision, nil, ARGV[4], {}
for channel, slots, excluded in string.gmatch(ARGV[5], '([^=;]+)=(%d+):([^;]*)') do
  local cap = {channel, tonumber(slots)}
  for other in string.gmatch(excluded, '[^,]+') do cap[#cap + 1] = other end
  a.cap[#a.cap + 1] = cap
  a.w[channel] = true
end
touch(a)
match_agent(a)
return finish('OK')
