-- Moves the end of a wrap-up, or ends it.
-- Returns OK or SAME (it has ended).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent, [3] contact, [4] epoch, [5] remaining ms, 0 to end
local a, slot, span = get('a:', ARGV[2]), ARGV[3] .. '#' .. ARGV[4], tonumber(ARGV[5])
if not a or not a.s[slot] then return finish('SAME') end
if span > 0 then
  write('ZADD', DL, NOW + span, wrap_item(a.id, slot))
  touch(a)
  wrap_up_event('wrap_up_started', get('c:', ARGV[3]), ARGV[3], a.id, tonumber(ARGV[4]), NOW + span)
else
  end_wrap_up(a.id, ARGV[3], tonumber(ARGV[4]))
  match_agent(a)
end
return finish('OK')
