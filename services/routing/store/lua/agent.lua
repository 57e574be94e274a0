-- Agents. Document: id, rv revision, rm removed, p profile, cap {{channel, slots, excluded by...}...}, s slots
-- {slot = kind .. channel} (kind o offered, g assigned, w wrap-up; a wrap-up's slot is "contact#epoch"), c connections
-- {connection = {lease, due}}, on present, rt routable, act activity, av its version, as since, idle since, vr version,
-- w {channel = true} where somebody may wait for this very agent, f {channel = true} in which free sets it is.

local function live_agent(id)
  local a = get('a:', id)
  if a and a.rm then return nil end
  return a
end

-- Slots held, per channel and in all.
local function load_of(a)
  local per, total = {}, 0
  for _, slot in pairs(a.s) do
    local channel = sub(slot, 2)
    per[channel] = (per[channel] or 0) + 1
    total = total + 1
  end
  return per, total
end

-- Channels on which the agent can take one more, in the order of cap.
local function free_channels(a)
  local free = {}
  if a.rm or not (a.on and a.rt) then return free end
  local per = load_of(a)
  for i = 1, #a.cap do
    local cap = a.cap[i]
    local ok = (per[cap[1]] or 0) < cap[2]
    for j = 3, #cap do ok = ok and not per[cap[j]] end
    if ok then free[#free + 1] = cap[1] end
  end
  return free
end

local function is_free(a, channel)
  local free = free_channels(a)
  for i = 1, #free do
    if free[i] == channel then return true end
  end
  return false
end

local function handles(a, channel)
  for i = 1, #a.cap do
    if a.cap[i][1] == channel then return true end
  end
  return false
end

-- The agent changed visibly.
local function touch(a)
  put('a:', a)
  a.touched = true
  unsynced[a.id] = a
end

-- Brings the free sets to the changed agents.
local function sync()
  for id, a in pairs(unsynced) do
    local free, _, total = free_channels(a), load_of(a)
    local order, n = agent_order(total, a.idle), 1
    for i = 1, #a.cap do
      local channel = a.cap[i][1]
      local key = P .. 'f:' .. a.p .. ':' .. channel
      if free[n] == channel then
        write('ZADD', key, order, id)
        a.f[channel] = true
        n = n + 1
      elseif a.f[channel] then
        write('ZREM', key, id)
        a.f[channel] = nil
      end
    end
    unsynced[id] = nil
  end
end

-- Commits what changed so far: all documents by one command, so that a script that fails leaves all or none of them; what it
-- did to sorted sets before that is put right by readers and the sweep. Then tells.
local function flush()
  sync()
  local args = {}
  for i = 1, #saves do
    local doc = saves[saves[i]]
    if doc.touched then
      doc.touched = nil
      doc.vr = max(doc.vr + 1, NOW)
    end
    args[#args + 1] = saves[i]
    args[#args + 1] = cmsgpack.pack(doc)
  end
  if args[1] then write('MSET', unpack(args)) end
  for _, e in ipairs(events) do
    if e.of then
      e[#e + 1] = 's'
      e[#e + 1] = get('a:', e.of).vr
    end
    write('XADD', EVENTS, 'MAXLEN', '~', 200000, '*', unpack(e))
  end
  saves, events = {}, {}
end

-- Ends every script: a flat list of strings, first the code, then 1 if work is left over.
local function finish(code, ...)
  flush()
  local reply = {code, more, ...}
  for i = 2, #reply do
    if type(reply[i]) == 'number' then reply[i] = string.format('%.0f', reply[i]) end
  end
  return reply
end
