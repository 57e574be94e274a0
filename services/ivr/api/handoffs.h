#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "libs/store/outbox.h"
#include "services/ivr/metrics.h"

namespace haven::ivr {

// Kinds of hand-offs that ivr sends; stored in outbox rows, so they never change. The payload of each is the request of
// the call without its hand-off.
namespace handoff {
inline constexpr char kApplyFlowStep[] = "channels.apply_flow_step";
inline constexpr char kEnqueue[] = "routing.enqueue";
inline constexpr char kChannels[] = "channels";
inline constexpr char kRouting[] = "routing";
}  // namespace handoff

// Words of a flow that channels refuses for good are dropped (the contact has moved on) and counted; an enqueueing is
// kept and tried for ever: dropping it would lose a person.
void RegisterHandoffs(store::Dispatcher& dispatcher, std::shared_ptr<rpc::Channel> channels,
                      std::shared_ptr<rpc::Channel> routing, Metrics* metrics);

}  // namespace haven::ivr
