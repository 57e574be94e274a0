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

-- Whether x goes before y: by score, then by id.
local function before(x, y)
  return not y or x.sc < y.sc or (x.sc == y.sc and x.id < y.id)
end

-- The best free agent of the lane's profiles that does not avoid c: agent, its free set.
local function best_agent(c, lane)
  local best, best_order, best_key
  local keys = {}
  for i = 1, #lane.p do keys[i] = P .. 'f:' .. lane.p[i] .. ':' .. c.ch end
  if not keys[1] or read('EXISTS', unpack(keys)) == 0 then return nil end
  for i = 1, #keys do
    local key = keys[i]
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

-- Contact `id` if it truly waits in this lane; otherwise its entry is removed.
local function waiting(lane, id)
  local c = get('c:', id)
  if c and c.s == 'q' and c.l == lane then return c end
  write('ZREM', P .. 'w:' .. lane, id)
  return nil
end

-- Offers a waiting contact if somebody is free for it. Answers whether. Behind a head that nobody is kept from taking there
-- is nobody free for it either.
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
  local lane, head = get('l:', c.l), read('ZRANGE', P .. 'w:' .. c.l, 0, 0)[1]
  if not lane then return false end
  if head and head ~= c.id then
    local first = waiting(c.l, head)
    if first and not first.h then return false end
  end
  sync()
  for _ = 1, MAX_STRAYS do
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
  if not a.w[channel] then return nil end
  local key = inbox(a.id, channel)
  for _ = 1, MAX_STRAYS do
    local id = read('ZRANGE', key, 0, 0)[1]
    if not id then
      a.w[channel] = nil
      put('a:', a)
      return nil
    end
    local c = get('c:', id)
    if c and c.s == 'i' and c.pf == a.id then return c end
    write('ZREM', key, id)
  end
  return nil
end

-- The first contact of the lane that the agent may be asked for, at most LOOK behind the head.
local function first_in_lane(lane, head, agent)
  local c = waiting(lane, head)
  if c and not barred(c, agent) then return c end
  local r = read('ZRANGE', P .. 'w:' .. lane, 0, LOOK)
  for i = 1, #r do
    c = waiting(lane, r[i])
    if c and not barred(c, agent) then return c end
  end
  return nil
end

-- The best contact of the profile's lanes on a channel. Bounds are never above a lane's head, so the search ends at the first
-- bound above the best found. It raises the bounds it meets, at most MAX_RAISED, and then answers true: there is more to do.
local function best_head(a, channel)
  local key, best, raised, empty = P .. 'h:' .. a.p .. ':' .. channel, nil, {}, {}
  local done, true_bounds, at = false, 0, 0
  while not done and true_bounds < MAX_LANES and #raised / 2 + #empty < MAX_RAISED do
    local r = read('ZRANGE', key, at, at + 7, 'WITHSCORES')
    at = at + 8
    done = #r < 16
    for i = 1, #r, 2 do
      local lane, bound = r[i], tonumber(r[i + 1])
      if best and bound > best.sc then
        done = true
        break
      end
      local head = read('ZRANGE', P .. 'w:' .. lane, 0, 0, 'WITHSCORES')
      local score = tonumber(head[2])
      if not score then
        empty[#empty + 1] = lane
      elseif score > bound then
        raised[#raised + 1] = score
        raised[#raised + 1] = lane
      else
        true_bounds = true_bounds + 1
      end
      local c = score and not (best and score > best.sc) and first_in_lane(lane, head[1], a.id)
      if c and before(c, best) then best = c end
    end
  end
  if raised[1] then write('ZADD', key, unpack(raised)) end
  if empty[1] then write('ZREM', key, unpack(empty)) end
  return best, not done and true_bounds < MAX_LANES
end

-- Offers the agent contacts until there is no capacity or no work.
local function match_agent(a)
  if RESTORING or a.rm then return end
  local nothing = {}
  for _ = 1, MAX_OFFERS do
    local free, best = free_channels(a), nil
    for i = 1, #free do
      local channel = free[i]
      if not nothing[channel] then
        local own = first_in_inbox(a, channel)
        local head, unfinished = best_head(a, channel)
        if unfinished then return continue_later('m|' .. a.id) end
        if own and before(own, best) then best = own end
        if head and before(head, best) then best = head end
        nothing[channel] = not own and not head
      end
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
  table.sort(back, before)
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
