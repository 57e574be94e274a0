-- From one record of a contact to the next.

-- Reads lines "a=1", "b=2" as {a, NOW + 1, b, NOW + 2}.
local function spans(text)
  local list = {}
  for id, ms in string.gmatch(text, '([^=\n]+)=(%d+)') do
    list[#list + 1] = id
    list[#list + 1] = NOW + tonumber(ms)
  end
  return list[1] and list
end

-- Reads ARGV of project.lua.
local function record_of(argv)
  local c = {
    id = argv[2], n = tonumber(argv[3]), e = tonumber(argv[4]), s = argv[5], v = argv[6], q = argv[7], ch = argv[8],
    l = argv[9], at = tonumber(argv[10]), sc = tonumber(argv[11]), lf = argv[12] == '1' or nil
  }
  if argv[13] ~= '' then c.ag = argv[13] end
  if c.s == 'q' then
    if argv[14] ~= '' then c.pf, c.pu, c.pa = argv[14], NOW + tonumber(argv[15]), argv[16] == '1' or nil end
    c.st, c.h = spans(argv[17]), spans(argv[18])
  end
  if argv[19] ~= '' then c.wa, c.we = argv[19], tonumber(argv[20]) end
  return c
end

-- The first lane named by the record that Redis does not know, or knows from an older configuration; nil: none.
local function unknown_lane(c, revision)
  if c.s ~= 'q' then return nil end
  local lane = get('l:', c.l)
  if not lane or lane.rv < revision then return c.l end
  c.o = lane.o
  for i = 1, #(c.st or {}), 2 do
    local later = get('l:', c.st[i])
    if not later or later.rv < revision then return c.st[i] end
  end
  return nil
end

-- Sets the deadlines of a waiting contact.
local function arm(c)
  if c.pf then write('ZADD', DL, c.pu, 'v|' .. c.id) end
  if c.st then write('ZADD', DL, c.st[2], 'x|' .. c.id) end
  if c.h then write('ZADD', DL, next_hold(c), 'h|' .. c.id) end
end

local function disarm(c)
  if c.pu then write('ZREM', DL, 'v|' .. c.id) end
  if c.st then write('ZREM', DL, 'x|' .. c.id) end
  if c.h then write('ZREM', DL, 'h|' .. c.id) end
end

-- Takes the old record out of wherever it is, except what the new one c keeps. Answers the agents that became freer.
local function release(old, c)
  local freed = {}
  exit(old)
  disarm(old)
  local offered = old.s == 'o' or old.s == 'a'
  if offered then write('ZREM', DL, 'o|' .. old.id) end
  if (offered or old.s == 'g') and not (c.s == 'g' and c.ag == old.ag) then
    if offered then event('reservation_revoked', old, old.ag) end
    local a = get('a:', old.ag)
    if a then
      a.s[old.id] = nil
      if old.s == 'g' then a.idle = NOW end
      touch(a)
      freed[1] = a
    end
  end
  if old.wa and not (c.wa == old.wa and c.we == old.we) then
    local a = end_wrap_up(old.wa, old.id, old.we)
    if a and a ~= freed[1] then freed[#freed + 1] = a end
  end
  return freed
end

-- A newer row of the epoch that is waiting or being offered already: replaces what the ledger says, keeps the rest.
local function refresh(old, c)
  local waits = old.s == 'q' or old.s == 'i'
  if waits then exit(old) end
  if old.st then write('ZREM', DL, 'x|' .. old.id) end
  old.n, old.l, old.sc, old.lf, old.st, old.o = c.n, c.l, c.sc, c.lf, c.st, c.o
  if old.st then write('ZADD', DL, old.st[2], 'x|' .. old.id) end
  put('c:', old)
  if waits then
    enter(old)
    match_contact(old)
  end
end

-- Gives the agent the slot of an assigned contact.
local function assign(c)
  local a = get('a:', c.ag)
  if a and a.s[c.id] ~= 'g' .. c.ch then
    a.s[c.id] = 'g' .. c.ch
    touch(a)
  end
end

-- The same row again: completes whatever is missing around the record. Where the configuration leads the row to another lane
-- now, the contact moves.
local function repair(c, row, span)
  local moved = row.s == 'q' and c.l ~= row.l and (c.s == 'q' or c.s == 'i' or c.s == 'o' or c.s == 'a')
  if moved then
    exit(c)
    if c.st then write('ZREM', DL, 'x|' .. c.id) end
    c.l, c.st = row.l, row.st
    put('c:', c)
  end
  if c.s == 'q' or c.s == 'i' then
    if not moved then exit(c) end
    enter(c)
  elseif c.s == 'o' or c.s == 'a' then
    local a = live_agent(c.ag)
    if not a and c.s == 'o' then
      give_back(c, 'reservation_revoked')
    else
      write('ZREM', P .. 'w:' .. c.l, c.id)
      if c.pf then write('ZREM', inbox(c.pf, c.ch), c.id) end
      write('ZADD', DL, 'NX', c.od, 'o|' .. c.id)
      if a and a.s[c.id] ~= 'o' .. c.ch then
        a.s[c.id] = 'o' .. c.ch
        touch(a)
      end
    end
  elseif c.s == 'g' then
    assign(c)
  elseif c.s == 't' then
    write('ZADD', DL, 'NX', NOW + 600000, 't|' .. c.id)
  end
  if c.s ~= 'g' and c.s ~= 'z' and c.s ~= 't' then arm(c) end
  if c.wa and span > 0 then
    local a, slot = get('a:', c.wa), c.id .. '#' .. c.we
    write('ZADD', DL, 'NX', NOW + span, wrap_item(c.wa, slot))
    if a and not a.s[slot] then
      a.s[slot] = 'w' .. c.ch
      touch(a)
    end
  end
  match_contact(c)
end
