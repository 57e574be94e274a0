-- Everything about an agent.
-- Returns NOT_FOUND, or OK, activity, routable 0/1, activity version, since ms, present 0/1, version, then per slot nine fields:
-- kind (o offered, a accepting, g assigned, w wrap-up), contact, conversation, queue, epoch, reservation number (o, a),
-- enqueued ms (o, a), remaining ms (o, a, w), direct 0/1 (o, a).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent
local a = live_agent(ARGV[2])
if not a then return finish('NOT_FOUND') end
local out = {a.act, a.rt and 1 or 0, a.av, a.as, a.on and 1 or 0, a.vr}
for slot, value in pairs(a.s) do
  local kind, id, epoch = sub(value, 1, 1), string.match(slot, '^([^#]+)#?(%d*)$')
  local c = get('c:', id) or {}
  local till = kind == 'w' and tonumber(read('ZSCORE', DL, wrap_item(a.id, slot)) or NOW) or c.od or NOW
  if kind == 'o' and c.s == 'a' then kind = 'a' end
  local fields = {
    kind, id, c.v or '', c.q or '', kind == 'w' and tonumber(epoch) or c.e or 0, c.rn or 0, c.at or 0, max(till - NOW, 0),
    (c.pf and c.pf == c.ag) and 1 or 0
  }
  for i = 1, #fields do out[#out + 1] = fields[i] end
end
return finish('OK', unpack(out))
