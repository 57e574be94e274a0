-- What happens at each kind of deadline, by the first letter of its item. Each ends or renews its item before it matches.
local effects = {}

local function effect(kind, c, agent, version)
  for _, field in ipairs({kind, c.id, c.e, c.rn, agent, version}) do effects[#effects + 1] = field end
end

local function drop(item)
  write('ZREM', DL, item)
end

local due = {}

-- o|contact: an offer expires: the agent is sent away so that offers do not bounce. Accepting: the service looks.
function due.o(item, id)
  local c = get('c:', id)
  if c and c.s == 'a' then
    write('ZADD', DL, NOW + 5000, item)
    return effect('accept_check', c, c.ag, 0)
  end
  if not c or c.s ~= 'o' then return drop(item) end
  local a = get('a:', c.ag)
  if a then
    a.act, a.rt, a.av, a.as = 'missed_offer', false, max(a.av + 1, NOW), NOW
    touch(a)
    effect('missed_offer', c, a.id, a.av)
    event('agent_activity', nil, a.id, nil, a.act)
  end
  if c.pf == c.ag then drop_preference(c) end
  give_back(c, 'reservation_expired')
  local others = a and withdraw(a) or {}
  match_contact(c)
  match_contacts(others)
end

-- w|agent|contact#epoch: a wrap-up ends.
function due.w(item, rest)
  local agent, contact, epoch = string.match(rest, '^([^|]+)|(.+)#(%d+)$')
  local a = end_wrap_up(agent, contact, tonumber(epoch))
  if a then match_agent(a) end
end

-- p|agent|connection: a lease of presence ends.
function due.p(item, rest)
  local agent, id = string.match(rest, '^([^|]+)|(.+)$')
  local a = get('a:', agent)
  local lease = a and a.c[id]
  if lease and lease[2] > NOW then return write('ZADD', DL, lease[2], item) end
  drop(item)
  if not lease then return end
  a.c[id] = nil
  put('a:', a)
  if next(a.c) then return end
  a.on = false
  touch(a)
  event('agent_presence', nil, agent, nil, 'away')
  match_contacts(withdraw(a))
end

-- v|contact: the preference for an agent ends.
function due.v(item, id)
  local c = get('c:', id)
  drop(item)
  if not c or not c.pf then return end
  exit(c)
  drop_preference(c)
  put('c:', c)
  if c.s ~= 'i' then return end
  enter(c)
  match_contact(c)
end

-- x|contact: the requirement relaxes: another lane, the same place by age.
function due.x(item, id)
  local c = get('c:', id)
  drop(item)
  if not c or not c.st then return end
  if c.s == 'q' then exit(c) end
  while c.st and c.st[2] <= NOW do
    write('ZREM', P .. 'w:' .. c.st[1], id)  -- from a time that failed
    if get('l:', c.st[1]) then c.l = c.st[1] end
    table.remove(c.st, 1)
    table.remove(c.st, 1)
    if not c.st[1] then c.st = nil end
  end
  put('c:', c)
  if c.st then write('ZADD', DL, c.st[2], item) end
  if c.s == 'q' then
    enter(c)
    match_contact(c)
  end
end

-- h|contact: an agent may be asked for the contact again.
function due.h(item, id)
  local c, kept = get('c:', id), {}
  drop(item)
  if not c or not c.h then return end
  for i = 1, #c.h, 2 do
    if c.h[i + 1] > NOW then
      kept[#kept + 1] = c.h[i]
      kept[#kept + 1] = c.h[i + 1]
    end
  end
  c.h = kept[1] and kept
  put('c:', c)
  if c.h then write('ZADD', DL, next_hold(c), item) end
  match_contact(c)
end

-- t|contact: a tombstone goes.
function due.t(item, id)
  local c = get('c:', id)
  drop(item)
  if c and c.s == 't' then
    write('DEL', P .. 'c:' .. id)
    docs[P .. 'c:' .. id] = false
  end
end

-- m|agent, y|lane: matching that was interrupted.
function due.m(item, id)
  local a = live_agent(id)
  drop(item)
  if a then match_agent(a) end
end

function due.y(item, id)
  drop(item)
  match_lane(id)
end
