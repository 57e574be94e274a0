-- Brings a contact to a row of the ledger; the newest sequence wins. Never undoes an offer made from the same row.
-- Returns OK, SAME (the same sequence again: completed what was missing), STALE, or UNKNOWN_LANE and the lane's id.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] contact, [3] sequence, [4] epoch, [5] state: q queued, g assigned, z closing, t gone
-- ARGV[6] conversation, [7] queue, [8] channel, [9] lane (q), [10] enqueued ms, [11] score, [12] left 0/1, [13] agent (g, z)
-- ARGV[14] preferred agent or "", [15] for ms, [16] even if away 0/1, [17] relax "lane=ms" lines, [18] holds "agent=ms" lines
-- ARGV[19] wrap-up agent or "", [20] wrap-up epoch, [21] wrap-up remaining ms, [22] least revision of the lanes
local NAMES = {q = 'contact_enqueued', g = 'contact_assigned', z = 'contact_closing', t = 'contact_ended'}
local c = record_of(ARGV)
local old, span = get('c:', c.id), tonumber(ARGV[21])
if old and c.n < old.n then return finish('STALE') end
local unknown = unknown_lane(c, tonumber(ARGV[22]))
if unknown then return finish('UNKNOWN_LANE', unknown) end
if old and c.n == old.n then
  if c.o and c.o ~= old.o then
    old.o = c.o
    put('c:', old)
  end
  repair(old, c, span)
  return finish('SAME')
end

if old and c.s == 'q' and old.e == c.e and (old.s == 'q' or old.s == 'i' or old.s == 'o' or old.s == 'a') then
  if c.lf and not old.lf then event('contact_left', c) end
  refresh(old, c)
  return finish('OK')
end

local kept_wrap_up = old and c.wa and old.wa == c.wa and old.we == c.we
local freed = old and release(old, c) or {}
c.rn = old and old.rn
if old and old.s == 'z' and c.s ~= 't' then event('contact_returned', c, old.ag) end
event(NAMES[c.s], c, c.ag)
put('c:', c)
if c.wa and span > 0 then
  start_wrap_up(c, span)
elseif c.wa then
  local a = kept_wrap_up and end_wrap_up(c.wa, c.id, c.we)
  if a then freed[#freed + 1] = a end
  c.wa, c.we = nil, nil
end
if c.s == 'q' then
  arm(c)
  enter(c)
  match_contact(c)
elseif c.s == 'g' then
  assign(c)
elseif c.s == 't' then
  c.l, c.at, c.sc, c.lf = nil, nil, nil, nil
  write('ZADD', DL, NOW + 600000, 't|' .. c.id)
end
for i = 1, #freed do match_agent(freed[i]) end
return finish('OK')
