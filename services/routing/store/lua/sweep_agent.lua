-- Corrects an agent's slots and free sets, then matches.
-- Returns OK, SAME (removed for good) or NOT_FOUND.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent
local a = get('a:', ARGV[2])
if not a then return finish('NOT_FOUND') end
for slot, value in pairs(a.s) do
  local kind, c = sub(value, 1, 1), get('c:', slot)
  local holds
  if kind == 'w' then
    holds = read('ZSCORE', DL, wrap_item(a.id, slot))
  elseif kind == 'g' then
    holds = c and c.s == 'g' and c.ag == a.id
  else
    holds = c and (c.s == 'o' or c.s == 'a') and c.ag == a.id
  end
  if not holds then
    a.s[slot] = nil
    touch(a)
  end
end
for id, lease in pairs(a.c) do write('ZADD', DL, 'NX', lease[2], 'p|' .. a.id .. '|' .. id) end
for i = 1, #a.cap do a.f[a.cap[i][1]] = true end
put('a:', a)
unsynced[a.id] = a
if a.rm and not next(a.s) then
  sync()
  write('DEL', P .. 'a:' .. a.id)
  saves = {}
  return finish('SAME')
end
if a.rm or not (a.on and a.rt) then match_contacts(withdraw(a)) end
match_agent(a)
return finish('OK')
