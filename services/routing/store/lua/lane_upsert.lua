-- A lane and the profiles that serve it. Contacts waiting in it are offered to whoever is free for them now.
-- Returns OK or STALE (an older revision).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] lane, [3] revision, [4] queue, [5] channel, [6] offer time ms, [7] profiles "p1,p2", sorted
local old, revision = get('l:', ARGV[2]), tonumber(ARGV[3])
if old and revision < old.rv then return finish('STALE') end
local lane = {id = ARGV[2], rv = revision, q = ARGV[4], ch = ARGV[5], o = tonumber(ARGV[6]), p = {}}
local serves = {}
for p in string.gmatch(ARGV[7], '[^,]+') do
  lane.p[#lane.p + 1] = p
  serves[p] = true
end
put('l:', lane)
for i = 1, #(old and old.p or {}) do
  if not serves[old.p[i]] then write('ZREM', P .. 'h:' .. old.p[i] .. ':' .. old.ch, lane.id) end
end
local head = read('ZRANGE', P .. 'w:' .. lane.id, 0, 0, 'WITHSCORES')
if head[1] then announce(lane, tonumber(head[2])) end
match_lane(lane.id)
return finish('OK')
