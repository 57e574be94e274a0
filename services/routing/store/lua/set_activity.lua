-- What an agent does from now on. An agent that receives no offers any more gives back those it has.
-- Returns OK or SAME with activity, routable 0/1, version, since ms; NOT_FOUND; RESTORING.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent, [3] activity, [4] routable 0/1, [5] version from the ledger (applied if newer), 0 for a new change
local a, routable, version = live_agent(ARGV[2]), ARGV[4] == '1', tonumber(ARGV[5])
if not a then return finish(RESTORING and 'RESTORING' or 'NOT_FOUND') end
local same = version == 0 and a.act == ARGV[3] and a.rt == routable
if same or (version > 0 and version <= a.av) then
  return finish('SAME', a.act, a.rt and 1 or 0, a.av, a.as)
end
a.act, a.rt, a.as = ARGV[3], routable, NOW
a.av = version > 0 and version or max(a.av + 1, NOW)
if routable then a.idle = NOW end
touch(a)
event('agent_activity', nil, a.id, nil, a.act)
if routable then
  match_agent(a)
else
  match_contacts(withdraw(a))
end
return finish('OK', a.act, a.rt and 1 or 0, a.av, a.as)
