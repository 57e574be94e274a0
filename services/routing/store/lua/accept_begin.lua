-- An agent takes an offer: offered -> accepting. The ledger is changed next; projecting its row confirms.
-- Returns OK, sequence of the row, 0 (1: already assigned to this agent); LOST_RACE; RESTORING.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] contact, [3] epoch, [4] reservation number, [5] agent
local c, epoch, agent = get('c:', ARGV[2]), tonumber(ARGV[3]), ARGV[5]
if not c then return finish(RESTORING and 'RESTORING' or 'LOST_RACE') end
if c.s == 'g' and c.ag == agent and c.e == epoch + 1 then return finish('OK', c.n, 1) end
if c.e ~= epoch or c.rn ~= tonumber(ARGV[4]) or c.ag ~= agent then return finish('LOST_RACE') end
if c.s == 'o' then
  c.s = 'a'
  put('c:', c)
elseif c.s ~= 'a' then
  return finish('LOST_RACE')
end
return finish('OK', c.n, 0)
