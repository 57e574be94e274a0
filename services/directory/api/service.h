#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "haven/events/v1/events.pb.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "libs/rpc/call.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/tokens.h"
#include "libs/store/database.h"
#include "libs/store/outbox.h"
#include "services/directory/api/password_hasher.h"
#include "services/directory/config.h"
#include "services/directory/metrics.h"
#include "services/directory/store/configuration.h"

namespace haven::directory {

// What the handlers share. Everything outlives them.
struct Service {
  const DirectoryConfig& config;
  std::string hub;
  store::Database& database;
  store::Dispatcher& dispatcher;
  ConfigurationCache& configurations;
  PasswordHasher& hasher;
  const core::Clock& clock;
  core::Random& random;
  // Null in a process that does not hold the key of people's tokens.
  const rpc::TokenIssuer* issuer;
  Metrics& metrics;
  // Key of the hashes under which attempts are kept.
  std::string attempt_key;
  // Ends streams of this process; other processes learn it from the event.
  std::function<void(std::function<bool(const rpc::Identity&)>)> end_streams;
};

// "user:<id>", "key:<prefix>", "service:admin": who an audit entry is about.
std::string ActorOf(const rpc::Call& call);

// Where an attempt comes from: what the edge says of an address, or the peer's address without its port; one per /64 of
// IPv6.
std::string SourceOf(const rpc::Call& call);

// Queues an audit entry and gives it this call's actor.
void Audit(Service& service, store::Transaction& tx, const rpc::Call& call, std::string action, std::string object,
           std::string detail = "{}");

// Queues the event; it reaches the hub's stream after the commit, at least once.
void Announce(Service& service, store::Transaction& tx, events::v1::Event event);

// What people's streams learn: `session_id` may be empty, all sessions of the user are meant then. Queues the event and
// ends the streams of this process after the commit. `code`: "signed_out", "revoked", "changed".
void AnnounceIdentity(Service& service, store::Transaction& tx, const std::string& user_id,
                      const std::string& session_id, std::string_view code);

// How the dispatcher delivers what Announce queued.
using Publish = std::function<async::Task<absl::Status>(core::Deadline, std::vector<events::v1::Event>)>;
void RegisterEvents(store::Dispatcher& dispatcher, Publish publish);

absl::Status Unauthenticated(std::string_view message);
absl::Status NotFound(std::string_view message);

}  // namespace haven::directory
