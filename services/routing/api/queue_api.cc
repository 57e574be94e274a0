// What other services ask of routing.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "services/routing/api/routing_api.h"
#include "services/routing/api/words.h"

namespace haven::routing::api {
namespace {

namespace wire = internal::routing::v1;
constexpr Span kPresenceFor = std::chrono::seconds(30);
constexpr Span kReleaseGrace = std::chrono::seconds(10);

LedgerStore::Turn TurnOf(const internal::handoff::v1::Handoff& handoff) {
  return {handoff.caller(), handoff.aggregate(), handoff.sequence(), handoff.previous()};
}

}  // namespace

void QueueApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.internal.routing.v1.QueueService";
  registry.Unary(service + "/Enqueue", this, &QueueApi::Enqueue);
  registry.Unary(service + "/MarkLeft", this, &QueueApi::MarkLeft);
  registry.Unary(service + "/GetOwner", this, &QueueApi::GetOwner);
  registry.Unary(service + "/AssertPresence", this, &QueueApi::AssertPresence);
  registry.Unary(service + "/ReleasePresence", this, &QueueApi::ReleasePresence);
  registry.Unary(service + "/ReadAgents", this, &QueueApi::ReadAgents);
  registry.Implements(service);
}

Answer<wire::EnqueueResponse> QueueApi::Enqueue(rpc::CallPtr call, wire::EnqueueRequest request) {
  if (!core::IsUuid(request.contact_id()) || !core::IsUuid(request.conversation_id()) || request.epoch() < 1 ||
      ChannelCode(request.channel()).empty()) {
    co_return core::InvalidField("contactId", "contact, conversation, epoch and channel are required");
  }
  LedgerStore::NewContact contact;
  contact.contact_id = request.contact_id();
  contact.conversation_id = request.conversation_id();
  contact.channel = std::string(ChannelCode(request.channel()));
  contact.language = request.language();
  contact.flow_epoch = request.epoch();
  contact.enqueue_time = request.has_enqueue_time() ? absl::FromUnixSeconds(request.enqueue_time().seconds()) +
                                                          absl::Nanoseconds(request.enqueue_time().nanos())
                                                    : router_.clock.Now();
  if (auto known = router_.settings.Known(); !known.ok()) co_return known;
  // A queue that the configuration no longer has must not lose a person.
  contact.placement.queue =
      router_.settings.HasQueue(request.queue()) ? request.queue() : router_.settings.default_queue();
  for (const auto& skill : request.skills()) {
    contact.placement.skills.push_back(absl::StrCat(skill.skill(), ":", std::clamp(skill.level(), 1, 5)));
  }
  const auto& queue = router_.settings.QueueOf(contact.placement.queue);
  contact.placement.priority_seconds = queue.priority_seconds + std::clamp(request.priority_seconds(), -86'400, 86'400);
  if (!request.preferred_agent_id().empty() && queue.prefer_last_agent > Span::zero() &&
      router_.settings.HasAgent(request.preferred_agent_id())) {
    contact.placement.preferred_agent_id = request.preferred_agent_id();
    contact.placement.prefer_for = absl::FromChrono(queue.prefer_last_agent);
  }
  auto epoch = co_await router_.ledger.Enqueue(call->deadline(), TurnOf(request.handoff()), std::move(contact));
  if (!epoch.ok()) co_return epoch.status();
  wire::EnqueueResponse response;
  response.set_epoch(*epoch);
  co_return response;
}

Answer<wire::MarkLeftResponse> QueueApi::MarkLeft(rpc::CallPtr call, wire::MarkLeftRequest request) {
  if (!core::IsUuid(request.contact_id())) co_return core::InvalidField("contactId", "must be a UUID");
  auto status = co_await router_.ledger.MarkLeft(call->deadline(), TurnOf(request.handoff()), request.contact_id(),
                                                 !request.returned());
  if (!status.ok()) co_return status;
  co_return wire::MarkLeftResponse();
}

Answer<wire::GetOwnerResponse> QueueApi::GetOwner(rpc::CallPtr call, wire::GetOwnerRequest request) {
  if (!core::IsUuid(request.contact_id())) co_return core::InvalidField("contactId", "must be a UUID");
  auto entry = co_await router_.ledger.Get(call->deadline(), request.contact_id());
  if (!entry.ok()) co_return entry.status();
  wire::GetOwnerResponse response;
  response.set_epoch(entry->epoch);
  const bool agent = entry->state == EntryState::kAssigned || entry->state == EntryState::kClosing;
  response.set_owner_kind(agent ? haven::channels::v1::OWNER_KIND_AGENT : haven::channels::v1::OWNER_KIND_QUEUE);
  response.set_agent_id(entry->agent_id);
  response.set_queue(entry->queue);
  response.set_closing(entry->state == EntryState::kClosing || entry->state == EntryState::kEnded);
  co_return response;
}

Answer<wire::AssertPresenceResponse> QueueApi::AssertPresence(rpc::CallPtr call, wire::AssertPresenceRequest request) {
  if (request.leases_size() > 1000) co_return core::InvalidField("leases", "at most 1,000 at once");
  absl::Status failed;
  for (const auto& lease : request.leases()) {
    auto held = co_await router_.engine.AssertPresence(
        call->deadline(), AgentId(lease.agent_id()), ConnectionId(lease.connection_id()), lease.lease(), kPresenceFor);
    // Somebody who is no agent (a supervisor who only watches) has a feed as well.
    if (!held.ok() && !absl::IsNotFound(held.status())) failed.Update(held.status());
  }
  if (!failed.ok()) co_return failed;
  co_return wire::AssertPresenceResponse();
}

Answer<wire::ReleasePresenceResponse> QueueApi::ReleasePresence(rpc::CallPtr call,
                                                                wire::ReleasePresenceRequest request) {
  const auto& lease = request.lease();
  auto status = co_await router_.engine.ReleasePresence(
      call->deadline(), AgentId(lease.agent_id()), ConnectionId(lease.connection_id()), lease.lease(), kReleaseGrace);
  if (!status.ok() && !absl::IsNotFound(status)) co_return status;
  co_return wire::ReleasePresenceResponse();
}

Answer<wire::ReadAgentsResponse> QueueApi::ReadAgents(rpc::CallPtr call, wire::ReadAgentsRequest request) {
  if (request.agent_ids_size() > 500) co_return core::InvalidField("agentIds", "at most 500 at once");
  wire::ReadAgentsResponse response;
  for (const auto& id : request.agent_ids()) {
    auto live = co_await router_.engine.ReadAgent(call->deadline(), AgentId(id));
    if (!live.ok()) co_return live.status();
    *response.add_agents() = ToProto(*live, router_.clock.Now());
  }
  co_return response;
}

}  // namespace haven::routing::api
