-- Does what is due. An item is first moved on by a second, so that one that fails does not hold up the others.
-- Returns OK, then per effect six fields: accept_check or missed_offer, contact, epoch, reservation number, agent, activity
-- version (0 for accept_check). An accept_check comes again after 5 s until the contact is accepting no more.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] at most so many items
local limit = tonumber(ARGV[2])
local items = read('ZRANGE', DL, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, limit)
if #items == limit then more = 1 end
for i = 1, #items do
  local item = items[i]
  local score = tonumber(read('ZSCORE', DL, item) or 'inf')
  if score <= NOW then
    local interrupted = more
    more = 0
    write('ZADD', DL, NOW + 1000, item)
    due[sub(item, 1, 1)](item, sub(item, 3))
    flush()
    if more == 1 then break end
    more = interrupted
  end
end
return finish('OK', unpack(effects))
