-- The whole live state of a hub as lines, see snapshot.h; also "H profile:channel lane bound". For tests.
-- KEYS[1] prefix
local P = KEYS[1]
local out = {}

local function text(v)
  if v == nil or v == false or v == '' or v == 0 then return '-' end
  if v == true then return '1' end
  if type(v) == 'number' then return string.format('%.0f', v) end
  return v
end

local function line(...)
  local fields = {}
  for i = 1, select('#', ...) do fields[i] = text((select(i, ...))) end
  out[#out + 1] = table.concat(fields, ' ')
end

local function pairs_of(list)
  local parts = {}
  for i = 1, #(list or {}), 2 do parts[#parts + 1] = list[i] .. '=' .. text(list[i + 1]) end
  return table.concat(parts, ',')
end

local function sorted(map, show)
  local parts = {}
  for k in pairs(map) do parts[#parts + 1] = k end
  table.sort(parts)
  for i, k in ipairs(parts) do parts[i] = k .. '=' .. show(map[k]) end
  return table.concat(parts, ';')
end

local show = {}

function show.c(c)
  line('C', c.id, c.n, c.e, c.s, c.l, c.ch, c.q, c.v, c.at, c.sc, c.lf, c.o, c.ag, c.rn, c.od, c.pf, c.pu, c.pa,
    pairs_of(c.h), pairs_of(c.st), c.wa, c.we)
end

function show.a(a)
  local caps = {}
  for i, cap in ipairs(a.cap) do
    caps[i] = cap[1] .. '=' .. cap[2]
    for j = 3, #cap do caps[i] = caps[i] .. ',' .. cap[j] end
  end
  local slots = sorted(a.s, function(s) return s end)
  local connections = sorted(a.c, function(c) return string.format('%.0f,%.0f', c[1], c[2]) end)
  line('A', a.id, a.rv, a.rm, a.p, table.concat(caps, ';'), slots, connections, a.on, a.rt, a.act, a.av, a.as, a.idle, a.vr)
end

function show.l(l)
  line('L', l.id, l.rv, l.q, l.ch, l.o, table.concat(l.p, ','))
end

for _, key in ipairs(redis.call('KEYS', P .. '*')) do
  local rest = string.sub(key, #P + 1)
  local kind, id = string.match(rest, '^(%a):(.*)$')
  if show[kind] then
    show[kind](cmsgpack.unpack(redis.call('GET', key)))
  elseif kind or rest == 'dl' then
    local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #members, 2 do
      if rest == 'dl' then
        line('D', members[i], tonumber(members[i + 1]))
      else
        line(string.upper(kind), id, members[i], tonumber(members[i + 1]))
      end
    end
  end
end
return out
