#pragma once

#include "haven/internal/handoff/v1/handoff.pb.h"
#include "services/channels/api/input.h"
#include "services/channels/store/handovers.h"

namespace haven::channels {

// The place of a hand-off in its order; mistakes go to `input`.
inline Arrival ArrivalOf(const internal::handoff::v1::Handoff& handoff, Input* input) {
  input->Require(!handoff.caller().empty(), "handoff.caller", "is required");
  input->Require(!handoff.aggregate().empty(), "handoff.aggregate", "is required");
  input->Require(handoff.sequence() >= 1, "handoff.sequence", "must be 1 or more");
  return {handoff.caller(), handoff.aggregate(), handoff.sequence(), handoff.previous()};
}

}  // namespace haven::channels
