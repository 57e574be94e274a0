-- Removes a lane in which nobody waits.
-- Returns OK, SAME (unknown), STALE (an older revision) or BUSY.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] lane, [3] revision
local lane = get('l:', ARGV[2])
if not lane then return finish('SAME') end
if tonumber(ARGV[3]) < lane.rv then return finish('STALE') end
if read('ZCARD', P .. 'w:' .. lane.id) > 0 then return finish('BUSY') end
for i = 1, #lane.p do write('ZREM', P .. 'h:' .. lane.p[i] .. ':' .. lane.ch, lane.id) end
write('DEL', P .. 'l:' .. lane.id)
return finish('OK')
