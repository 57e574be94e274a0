-- Matching. An agent looks at the heads of its profile's lanes, a contact at the first free agent of each profile.

local function offer(c, a)
  exit(c)
  c.s, c.ag, c.rn, c.od = 'o', a.id, max((c.rn or 0) + 1, NOW), NOW + c.o
  write('ZADD', DL, c.od, 'o|' .. c.id)
  put('c:', c)
  a.s[c.id] = 'o' .. c.ch
  touch(a)
  event('contact_offered', c, a.id, c.od)
end

-- The best free agent of the lane's profiles that does not avoid c: agent, its free set.
local function best_agent(c, lane)
  local best, best_order, best_key
  for i = 1, #lane.p do
    local key = P .. 'f:' .. lane.p[i] .. ':' .. c.ch
    local r = read('ZRANGE', key, 0, c.h and MAX_HOLDS or 0, 'WITHSCORES')
    for j = 1, #r, 2 do
      if not barred(c, r[j]) then
        local order = tonumber(r[j + 1])
        if not best or order < best_order then best, best_order, best_key = r[j], order, key end
        break
      end
    end
  end
  return best, best_key
end

-- Offers a waiting contact if somebody is free for it. Answers whether.
local function match_contact(c)
  if RESTORING or (c.s ~= 'q' and c.s ~= 'i') then return false end
  if c.s == 'i' then
    local a = live_agent(c.pf)
    if a and is_free(a, c.ch) then
      offer(c, a)
      return true
    end
    return false
  end
  local lane = get('l:', c.l)
  if not lane then return false end
  sync()
  for _ = 1, MAX_FIX do
    local id, key = best_agent(c, lane)
    if not id then return false end
    local a = live_agent(id)
    if a and key == P .. 'f:' .. a.p .. ':' .. c.ch and is_free(a, c.ch) then
      offer(c, a)
      return true
    end
    write('ZREM', key, id)
  end
  return false
end

-- The first contact waiting for this very agent.
local function first_in_inbox(a, channel)
  local key = inbox(a.id, channel)
  for _ = 1, MAX_FIX do
    local id = read('ZRANGE', key, 0, 0)[1]
    if not id then return nil end
    local c = get('c:', id)
    if c and c.s == 'i' and c.pf == a.id then return c end
    write('ZREM', key, id)
  end
  return nil
end

-- Contact `id` if it truly waits in this lane; otherwise its entry is removed.
local function waiting(lane, id)
  local c = get('c:', id)
  if c and c.s == 'q' and c.l == lane then return c end
  write('ZREM', P .. 'w:' .. lane, id)
  return nil
end

-- The first contact of the lane that the agent may be asked for, at most LOOK behind the head.
local function first_in_lane(lane, agent)
  local r = read('ZRANGE', P .. 'w:' .. lane, 0, LOOK)
  for i = 1, #r do
    local c = waiting(lane, r[i])
    if c and not barred(c, agent) then return c end
  end
  return nil
end

-- The best contact of the profile's lanes on a channel. Heads are lower bounds: each look corrects what it meets; after
-- MAX_FIX corrections the second answer is true and the rest is left to the next tick.
local function best_head(a, channel)
  local key, at, fixes, best = P .. 'h:' .. a.p .. ':' .. channel, 0, 0, nil
  while at <= LOOK do
    local entry = read('ZRANGE', key, at, at, 'WITHSCORES')
    local lane, bound = entry[1], tonumber(entry[2])
    if not lane or (best and bound >= best.sc) then break end
    local head = read('ZRANGE', P .. 'w:' .. lane, 0, 0, 'WITHSCORES')
    local score = tonumber(head[2])
    if fixes >= MAX_FIX then return nil, true end
    if not score then
      write('ZREM', key, lane)
      fixes = fixes + 1
    elseif score > bound then
      write('ZADD', key, score, lane)
      fixes = fixes + 1
    elseif not waiting(lane, head[1]) then
      fixes = fixes + 1
    else
      local c = first_in_lane(lane, a.id)
      if c and (not best or c.sc < best.sc) then best = c end
      if c and c.id == head[1] then break end
      at = at + 1
    end
  end
  return best, false
end

-- Offers the agent contacts until there is no capacity or no work.
local function match_agent(a)
  if RESTORING or a.rm then return end
  for _ = 1, MAX_OFFERS do
    local free, best = free_channels(a), nil
    for i = 1, #free do
      local own = first_in_inbox(a, free[i])
      if own and (not best or own.sc < best.sc) then best = own end
      local head, unfinished = best_head(a, free[i])
      if unfinished then return continue_later('m|' .. a.id) end
      if head and (not best or head.sc < best.sc) then best = head end
    end
    if not best then return end
    offer(best, a)
  end
end

-- Takes back the offers of an agent that receives none any more. Answers the contacts, first come first.
local function withdraw(a)
  local back = {}
  for slot, value in pairs(a.s) do
    if sub(value, 1, 1) == 'o' then
      local c = get('c:', slot)
      if c and c.s == 'o' and c.ag == a.id then back[#back + 1] = c end
    end
  end
  table.sort(back, function(x, y) return x.sc < y.sc or (x.sc == y.sc and x.id < y.id) end)
  for i = 1, #back do give_back(back[i], 'reservation_revoked') end
  return back
end

local function match_contacts(list)
  for i = 1, #list do match_contact(list[i]) end
end

-- Offers the lane's contacts, first come first, while somebody is free for them.
local function match_lane(lane)
  if RESTORING then return end
  local r = read('ZRANGE', P .. 'w:' .. lane, 0, 63)
  local offered = 0
  for i = 1, #r do
    local c = waiting(lane, r[i])
    if c and match_contact(c) then
      offered = offered + 1
    elseif c and not c.h then
      break
    end
  end
  if offered == 64 then continue_later('y|' .. lane) end
end
