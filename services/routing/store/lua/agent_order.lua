-- Policy: who is asked first, the lowest first: fewest slots held, then longest idle. Twin: domain/policy/agent_order.h.
local function agent_order(held, idle_since)
  return held * 1e13 + idle_since
end
