-- Shared by all scripts of the engine. KEYS[1] is the hub's prefix "haven:{hub}:r:", KEYS[2] its events stream, ARGV[1] the
-- caller's time in ms (used only where the hub runs on virtual time). Other keys are built from the prefix: they hold the
-- same hash tag, so a hub is one slot.
--
-- Documents (msgpack strings) are the truth; sorted sets are derived, checked when read and completed by the sweep:
--   hub            hash raw, off, virtual, jump, gen, run
--   c:<contact>    document      a:<agent>  document      l:<lane>  document
--   w:<lane>       contacts waiting, by score             i:<agent>:<channel>  contacts waiting for this agent, by score
--   h:<profile>:<channel>  lanes, by a lower bound of their head's score
--   f:<profile>:<channel>  agents that can take one, by agent order
--   dl             deadlines, by due time
local P, EVENTS = KEYS[1], KEYS[2]
local read, write = redis.call, redis.call
local DL = P .. 'dl'
local LOOK, MAX_STRAYS, MAX_HOLDS, MAX_OFFERS, MAX_LANES, MAX_RAISED = 8, 32, 8, 32, 40, 32
local max, sub = math.max, string.sub

-- Time that neither goes back nor jumps: a reading below the last one, or more than 10 s above it, counts as no time passed.
local HUB = read('HMGET', P .. 'hub', 'raw', 'off', 'virtual', 'jump', 'gen')
local NOW
do
  local raw
  if HUB[3] then
    raw = tonumber(ARGV[1])
  else
    local t = read('TIME')
    raw = t[1] * 1000 + math.floor(t[2] / 1000)
  end
  local last, off = tonumber(HUB[1]) or raw, tonumber(HUB[2]) or 0
  if raw < last or raw - last > (tonumber(HUB[4]) or 10000) then off = off + last - raw end
  if raw ~= tonumber(HUB[1]) then write('HSET', P .. 'hub', 'raw', raw, 'off', off) end
  NOW = raw + off
end
local RESTORING = not HUB[5]

-- Documents read in this script, and those to be saved by finish() in the order of first change.
local docs, saves, unsynced, events, more = {}, {}, {}, {}, 0

local function get(kind, id)
  local key = P .. kind .. id
  local doc = docs[key]
  if doc == nil then
    local text = read('GET', key)
    doc = text and cmsgpack.unpack(text) or false
    docs[key] = doc
  end
  return doc or nil
end

local function put(kind, doc)
  local key = P .. kind .. doc.id
  docs[key] = doc
  if not saves[key] then saves[#saves + 1] = key end
  saves[key] = doc
end

-- Notes an event about contact c or, without one, about an agent; kinds and letters as in libs/events.
local OF_OFFER = {contact_offered = true, reservation_declined = true, reservation_expired = true, reservation_revoked = true}
local function event(kind, c, agent, deadline, code)
  local e = {'k', kind, 't', NOW}
  local function add(k, v)
    if v and v ~= '' then
      e[#e + 1] = k
      e[#e + 1] = v
    end
  end
  if c then
    add('c', c.id)
    add('v', c.v)
    add('q', c.q)
    add('e', c.e)
    add('s', c.n)
    if OF_OFFER[kind] then add('r', c.id .. ':' .. c.e .. ':' .. c.rn) end
  else
    e.of = agent
  end
  add('a', agent)
  add('d', deadline)
  add('x', code)
  events[#events + 1] = e
end

-- Work left over: the next tick does it before everything else.
local function continue_later(item)
  write('ZADD', DL, 0, item)
  more = 1
end
