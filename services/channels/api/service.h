#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "services/channels/api/hub_view.h"
#include "services/channels/api/start_gate.h"
#include "services/channels/api/watchers.h"
#include "services/channels/config.h"
#include "services/channels/metrics.h"
#include "services/channels/store/context.h"
#include "services/channels/store/replies.h"

namespace haven::channels {

// What the handlers share. Assembled by wire.cc; loop thread only.
struct Service {
  Config config;
  Context context;
  Metrics* metrics = nullptr;
  Watchers* watchers = nullptr;
  StartGate* gate = nullptr;
  std::string token_key;
  std::shared_ptr<rpc::Channel> routing;
  // Replaced when the directory has a newer configuration; null before the first.
  std::shared_ptr<const HubView> hub;
};

// The configuration; UNAVAILABLE while no hub has been applied or the directory has not answered yet.
absl::StatusOr<std::shared_ptr<const HubView>> HubOf(const Service& service);

// What a caller of ConversationService may see.
Viewer ViewerOf(const rpc::Call& call, const Service& service);
// Whom a write of this call is by: the user, or the agent that an integrator names. UNAVAILABLE as HubOf.
absl::StatusOr<Author> AuthorOf(const rpc::Call& call, const Service& service, const std::string& agent_id);
// A user's names; empty ones for an unknown user.
Author AuthorFor(const Service& service, const UserId& user);

// The visitor's conversation, and the hash of the token it came with (empty if the edge has exchanged it).
ConversationId VisitorOf(const rpc::Call& call);
std::string VisitorTokenHash(const rpc::Call& call);
// Whom a chat's start is counted against: the edge's keyed hash of the address, else the peer's own address.
std::string SourceOf(const rpc::Call& call);

}  // namespace haven::channels
