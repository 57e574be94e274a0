#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "libs/store/outbox.h"
#include "services/channels/api/service.h"

namespace haven::channels {

// Tells the dispatcher how each kind of hand-off is delivered and what becomes of one refused for good: a flow's step
// leads the contact to the hub's default queue (ADR 1, step 11), what routing was told of a person who left is dropped,
// an enqueueing is kept and tried for ever. Each is counted as an alarm.
void RegisterHandoffs(store::Dispatcher& dispatcher, std::shared_ptr<rpc::Channel> ivr,
                      std::shared_ptr<rpc::Channel> routing, Service* service);

}  // namespace haven::channels
