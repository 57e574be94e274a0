#include "services/channels/api/service.h"

#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "services/channels/domain/token.h"

namespace haven::channels {
namespace {

constexpr std::size_t kLongestSource = 128;

bool StartsWith(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const HubView>> HubOf(const Service& service) {
  if (service.hub != nullptr) return service.hub;
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         "no configuration has been applied to this hub yet");
}

Viewer ViewerOf(const rpc::Call& call, const Service& service) {
  const rpc::Identity& identity = call.identity();
  Viewer viewer;
  viewer.integrator = identity.kind == rpc::IdentityKind::kIntegrator;
  if (identity.kind != rpc::IdentityKind::kStaff) return viewer;
  viewer.user = UserId(identity.subject);
  viewer.supervisor = identity.HasRole(options::v1::ROLE_SUPERVISOR);
  if (viewer.supervisor && service.hub != nullptr) viewer.team_queues = service.hub->QueuesOf(identity.teams);
  return viewer;
}

Author AuthorFor(const Service& service, const UserId& user) {
  Author author;
  author.user = user;
  const directory::v1::User* known = service.hub == nullptr ? nullptr : service.hub->FindUser(user.value());
  if (known == nullptr) return author;
  author.name = known->display_name();
  author.public_name = known->public_name();
  return author;
}

absl::StatusOr<Author> AuthorOf(const rpc::Call& call, const Service& service, const std::string& agent_id) {
  // Whoever speaks has a name; one that is not known yet would stay missing from the message.
  if (auto hub = HubOf(service); !hub.ok()) return hub.status();
  if (call.identity().kind != rpc::IdentityKind::kIntegrator) {
    if (!agent_id.empty() && agent_id != call.identity().subject) {
      return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                             "only an integrator may name an agent");
    }
    return AuthorFor(service, UserId(call.identity().subject));
  }
  if (!core::IsUuid(agent_id))
    return core::InvalidField("agentId", "an integrator names the agent it speaks for: a UUID");
  return AuthorFor(service, UserId(agent_id));
}

ConversationId VisitorOf(const rpc::Call& call) {
  return ConversationId(call.identity().subject);
}

std::string VisitorTokenHash(const rpc::Call& call) {
  return LooksLikeVisitorToken(call.credential()) ? HashVisitorToken(call.credential()) : std::string();
}

std::string SourceOf(const rpc::Call& call) {
  // In-process calls have the peer "unknown", local sockets "unix:".
  const std::string& peer = call.peer();
  const bool remote = StartsWith(peer, "ipv4:") || StartsWith(peer, "ipv6:");
  // Whoever speaks gRPC to us from elsewhere could write any source, except a service of the hub.
  if (!remote || call.identity().kind == rpc::IdentityKind::kService) {
    if (const std::string* source = call.Metadata("haven-source")) return source->substr(0, kLongestSource);
  }
  // "ipv4:10.0.0.7:41234": the port is another one each time.
  return remote ? peer.substr(0, peer.rfind(':')) : peer;
}

}  // namespace haven::channels
