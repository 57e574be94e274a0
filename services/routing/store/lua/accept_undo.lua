-- The ledger did not take the accept: the contact returns to its place.
-- Returns OK or SAME (not accepting this reservation any more).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] contact, [3] epoch, [4] reservation number
local c = get('c:', ARGV[2])
if not c or c.s ~= 'a' or c.e ~= tonumber(ARGV[3]) or c.rn ~= tonumber(ARGV[4]) then return finish('SAME') end
local a = give_back(c, 'reservation_revoked')
match_contact(c)
if a then match_agent(a) end
return finish('OK')
