-- Wrap-up: a slot held after the contact until its deadline or until the agent ends it.

local function wrap_item(agent, slot)
  return 'w|' .. agent .. '|' .. slot
end

-- About the contact as it was when the wrap-up began; c is its record now, or nil.
local function wrap_up_event(kind, c, contact, agent, epoch, due)
  event(kind, {id = contact, n = c and c.n, v = c and c.v, q = c and c.q, e = epoch}, agent, due)
end

-- Starts the record's wrap-up, or moves its end if that differs by a second.
local function start_wrap_up(c, span)
  local a = get('a:', c.wa)
  if not a then return end
  local slot, due = c.id .. '#' .. c.we, NOW + span
  local before = a.s[slot] and tonumber(read('ZSCORE', DL, wrap_item(c.wa, slot)))
  if before and math.abs(before - due) < 1000 then return end
  write('ZADD', DL, due, wrap_item(c.wa, slot))
  a.s[slot] = 'w' .. c.ch
  touch(a)
  wrap_up_event('wrap_up_started', c, c.id, c.wa, c.we, due)
end

-- Frees the slot of a wrap-up. Answers the agent if it was there.
local function end_wrap_up(agent, contact, epoch)
  local a, slot = get('a:', agent), contact .. '#' .. epoch
  write('ZREM', DL, wrap_item(agent, slot))
  local c = get('c:', contact)
  if c and c.wa == agent and c.we == epoch then
    c.wa, c.we = nil, nil
    put('c:', c)
  end
  if not a or not a.s[slot] then return nil end
  a.s[slot] = nil
  a.idle = NOW
  touch(a)
  wrap_up_event('wrap_up_ended', c, contact, agent, epoch)
  return a
end
