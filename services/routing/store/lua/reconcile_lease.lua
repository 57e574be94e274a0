-- Takes or renews the lease of the one reconciler.
-- Returns OK, or BUSY while another holds it.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] owner, [3] lasts ms (the server's own time)
local key = P .. 'reconcile'
local owner = read('GET', key)
if owner and owner ~= ARGV[2] then return finish('BUSY') end
write('SET', key, ARGV[2], 'PX', ARGV[3])
return finish('OK')
