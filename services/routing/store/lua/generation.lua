-- Reads the generation of the live state, or sets it (restored: matching begins). It stands in <prefix>generation too, a plain
-- string for readers of the stream.
-- Returns OK, generation or "" while restoring, run_id.
-- KEYS[1] prefix, KEYS[2] events
-- ARGV[1] time ms, [2] generation to set or "", [3] run_id to set
if ARGV[2] ~= '' then
  write('HSET', P .. 'hub', 'gen', ARGV[2], 'run', ARGV[3])
  write('SET', P .. 'generation', ARGV[2])
  return finish('OK', ARGV[2], ARGV[3])
end
return finish('OK', HUB[5] or '', read('HGET', P .. 'hub', 'run') or '')
