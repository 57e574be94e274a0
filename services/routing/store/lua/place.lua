-- Contacts and their places. Document: id, n sequence, e epoch, s state (q lane, i inbox, o offered, a accepting, g assigned,
-- z closing, t tombstone), l lane, ch channel, q queue, v conversation, at enqueued, sc score, lf left, o offer time,
-- ag agent (o, a, g, z), rn last reservation number, od offer deadline, pf preferred agent, pu until, pa even if away,
-- h holds {agent, until, ...}, st relax steps {lane, due, ...}, wa wrap-up agent, we wrap-up epoch.

local function inbox(agent, channel)
  return P .. 'i:' .. agent .. ':' .. channel
end

local function barred(c, agent)
  local h = c.h
  if not h then return false end
  for i = 1, #h, 2 do
    if h[i] == agent and h[i + 1] > NOW then return true end
  end
  return false
end

-- Makes a lane's head known to its profiles. LT: a bound that is already lower stays.
local function announce(lane, score)
  for i = 1, #lane.p do write('ZADD', P .. 'h:' .. lane.p[i] .. ':' .. lane.ch, 'LT', score, lane.id) end
end

local function drop_preference(c)
  c.pf, c.pu, c.pa = nil, nil, nil
  write('ZREM', DL, 'v|' .. c.id)
end

-- Takes a waiting contact out of its place.
local function exit(c)
  if c.s == 'q' then
    write('ZREM', P .. 'w:' .. c.l, c.id)
  elseif c.s == 'i' then
    write('ZREM', inbox(c.pf, c.ch), c.id)
  end
end

-- Puts a contact where it waits: with its preferred agent if that makes sense now, else in its lane.
local function enter(c)
  if c.pf then
    local a = live_agent(c.pf)
    local serves = a and handles(a, c.ch) and not barred(c, c.pf)
    if not (serves and (c.pa or (a.on and a.rt))) then drop_preference(c) end
  end
  if c.pf then
    local a = get('a:', c.pf)
    c.s = 'i'
    write('ZADD', inbox(c.pf, c.ch), c.sc, c.id)
    if not a.w[c.ch] then
      a.w[c.ch] = true
      put('a:', a)
    end
  else
    c.s = 'q'
    -- The bound is written first: whatever stands at a lane's head, after a fault too, its profiles look at the lane.
    local lane, head = get('l:', c.l), read('ZRANGE', P .. 'w:' .. c.l, 0, 0, 'WITHSCORES')
    if lane and (not head[1] or c.sc <= tonumber(head[2])) then announce(lane, c.sc) end
    write('ZADD', P .. 'w:' .. c.l, c.sc, c.id)
  end
  put('c:', c)
end

-- The due time of the next hold to end, or nil.
local function next_hold(c)
  local due
  for i = 2, #(c.h or {}), 2 do
    if not due or c.h[i] < due then due = c.h[i] end
  end
  return due
end

-- The agent is not asked for this contact until then.
local function hold(c, agent, till)
  local kept = {}
  for i = 1, #(c.h or {}), 2 do
    if c.h[i] ~= agent then
      kept[#kept + 1] = c.h[i]
      kept[#kept + 1] = c.h[i + 1]
    end
  end
  kept[#kept + 1] = agent
  kept[#kept + 1] = till
  if #kept > 2 * MAX_HOLDS then
    table.remove(kept, 1)
    table.remove(kept, 1)
  end
  c.h = kept
  write('ZADD', DL, next_hold(c), 'h|' .. c.id)
end

-- Ends an offer: the contact goes back to its place with its score. Answers the agent, whose slot is free.
local function give_back(c, kind)
  local a = get('a:', c.ag)
  event(kind, c, c.ag)
  write('ZREM', DL, 'o|' .. c.id)
  if a then
    a.s[c.id] = nil
    touch(a)
  end
  c.ag, c.od = nil, nil
  enter(c)
  return a
end
