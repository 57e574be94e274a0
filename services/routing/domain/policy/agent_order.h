#pragma once

#include "services/routing/domain/types.h"

namespace haven::routing {

// Who is asked first, the lowest first: fewest slots held, then longest idle. Exact in a double for up to 900 slots.
// Twin: store/lua/agent_order.lua.
inline double AgentOrder(int held, Time idle_since) {
  return held * 1e13 + static_cast<double>(idle_since.time_since_epoch().count());
}

}  // namespace haven::routing
