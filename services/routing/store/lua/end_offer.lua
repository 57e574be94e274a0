-- An offer is declined by its agent or revoked: the contact returns to its place, the agent is not asked for it for a while
-- and stays as it is. A preference for this agent ends.
-- Returns OK, LOST_RACE (the offer is over) or WRONG_STATE (it is being accepted).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] contact, [3] epoch, [4] reservation number, [5] agent, or "" for any, [6] hold ms
-- ARGV[7] event: reservation_declined or reservation_revoked
local c, agent, span = get('c:', ARGV[2]), ARGV[5], tonumber(ARGV[6])
if not c or c.e ~= tonumber(ARGV[3]) or c.rn ~= tonumber(ARGV[4]) or (agent ~= '' and agent ~= c.ag) then
  return finish('LOST_RACE')
end
if c.s == 'a' then return finish('WRONG_STATE') end
if c.s ~= 'o' then return finish('LOST_RACE') end
if span > 0 then hold(c, c.ag, NOW + span) end
if c.pf == c.ag then drop_preference(c) end
local a = give_back(c, ARGV[7])
match_contact(c)
if a then match_agent(a) end
return finish('OK')
