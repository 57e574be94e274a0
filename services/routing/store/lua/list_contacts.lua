-- A page of the contacts in live state, in no order.
-- Returns OK, the next cursor ("0" at the end), then per contact id, epoch, sequence, state.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] cursor, "0" to begin, [3] page size, about
local page = read('SCAN', ARGV[2], 'MATCH', P .. 'c:*', 'COUNT', ARGV[3])
local out = {}
for _, key in ipairs(page[2]) do
  local c = get('c:', sub(key, #P + 3))
  if c then
    for _, field in ipairs({c.id, c.e, c.n, c.s}) do out[#out + 1] = field end
  end
end
return finish('OK', page[1], unpack(out))
