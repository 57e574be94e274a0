-- An agent leaves the configuration. Its offers return; the document stays while the sweep finds slots in it.
-- Returns OK, SAME (unknown) or STALE (an older revision).
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] agent, [3] revision
local a, revision = get('a:', ARGV[2]), tonumber(ARGV[3])
if not a then return finish('SAME') end
if revision < a.rv then return finish('STALE') end
a.rv, a.rm = revision, true
touch(a)
match_contacts(withdraw(a))
return finish('OK')
