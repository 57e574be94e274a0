#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "libs/store/outbox.h"
#include "services/routing/api/router.h"

namespace haven::routing {

// Delivers routing's hand-offs: who has a contact and its closing to channels, projections to the live state.
void RegisterHandoffs(store::Dispatcher& dispatcher, Router& router, std::shared_ptr<rpc::Channel> channels);

}  // namespace haven::routing
