#include "services/directory/api/service.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/audit.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

constexpr char kEventKind[] = "event";

async::Task<absl::Status> Deliver(Publish publish, core::Deadline deadline, store::OutboxRow row) {
  events::v1::Event event;
  if (!event.ParseFromString(row.payload)) co_return absl::InvalidArgumentError("an event that cannot be read");
  std::vector<events::v1::Event> events;
  events.push_back(std::move(event));
  co_return co_await publish(deadline, std::move(events));
}

}  // namespace

std::string ActorOf(const rpc::Call& call) {
  const rpc::Identity& identity = call.identity();
  switch (identity.kind) {
    case rpc::IdentityKind::kStaff:
      return Cat("user:", identity.subject);
    case rpc::IdentityKind::kIntegrator:
      return Cat("key:", identity.subject);
    case rpc::IdentityKind::kService:
      return Cat("service:", identity.subject);
    default:
      return "anybody";
  }
}

std::string SourceOf(const rpc::Call& call) {
  constexpr std::size_t kLongest = 64;
  const std::string& peer = call.peer();
  const bool local = peer.starts_with("inproc:") || peer.starts_with("unix:");
  // Whoever speaks gRPC to us from elsewhere could write any source, except a service of the hub.
  if (local || call.identity().kind == rpc::IdentityKind::kService) {
    if (const std::string* source = call.Metadata("haven-source")) return source->substr(0, kLongest);
  }
  if (local) return "local";
  std::string address = peer.substr(0, peer.rfind(':'));
  if (!address.starts_with("ipv6:")) return address;
  // A household has a /64; its last half is anybody's choice. What is written with "::" in its first half is kept
  // whole.
  std::size_t at = 0;
  for (int groups = 0; groups < 4; ++groups) {
    const std::size_t colon = address.find(':', at == 0 ? address.find('[') : at);
    if (colon == std::string::npos || address.compare(colon, 2, "::") == 0) return address;
    at = colon + 1;
  }
  return address.substr(0, at);
}

void Audit(Service& service, store::Transaction& tx, const rpc::Call& call, std::string action, std::string object,
           std::string detail) {
  store::AuditEntry entry;
  entry.actor = ActorOf(call);
  entry.action = std::move(action);
  entry.object = std::move(object);
  entry.detail = std::move(detail);
  entry.time = service.clock.Now();
  store::AppendAudit(tx, entry);
}

void Announce(Service& service, store::Transaction& tx, events::v1::Event event) {
  event.set_id(core::NewUuid(service.clock, service.random));
  *event.mutable_event_time() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(service.clock.Now()));
  store::Handoff handoff;
  // Events about one user or about the configuration keep their order; nothing else needs one.
  handoff.aggregate = event.agent_id().empty() ? "hub" : event.agent_id();
  handoff.callee = "events";
  handoff.kind = kEventKind;
  handoff.payload = event.SerializeAsString();
  service.dispatcher.Append(tx, std::move(handoff));
}

void AnnounceIdentity(Service& service, store::Transaction& tx, const std::string& user_id,
                      const std::string& session_id, std::string_view code) {
  events::v1::Event event;
  event.set_kind(events::v1::EVENT_KIND_IDENTITY_CHANGED);
  event.set_agent_id(user_id);
  event.set_session_id(session_id);
  event.set_code(std::string(code));
  Announce(service, tx, std::move(event));
  tx.OnCommit([&service, user_id, session_id] {
    service.end_streams([user_id, session_id](const rpc::Identity& identity) {
      return identity.kind == rpc::IdentityKind::kStaff && identity.subject == user_id &&
             (session_id.empty() || identity.session_id == session_id);
    });
  });
}

void RegisterEvents(store::Dispatcher& dispatcher, Publish publish) {
  store::HandoffKind kind;
  kind.deliver = [publish = std::move(publish)](core::Deadline deadline, store::OutboxRow row) {
    return Deliver(publish, deadline, std::move(row));
  };
  dispatcher.Register(kEventKind, std::move(kind));
}

absl::Status Unauthenticated(std::string_view message) {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED, message);
}

absl::Status NotFound(std::string_view message) {
  return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, message);
}

}  // namespace haven::directory
