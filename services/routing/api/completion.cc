// Completing, wrap-up and passing on.
#include <utility>

#include "absl/time/time.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "services/routing/api/routing_api.h"
#include "services/routing/api/words.h"

namespace haven::routing::api {
namespace {

constexpr std::size_t kMaxNote = 40'000;  // bytes: 10,000 characters of four
constexpr absl::Duration kDirectFor = absl::Minutes(2);

// What every call about a held contact carries.
void CheckHeld(const std::string& contact_id, std::int64_t epoch, const std::string& request_id,
               std::vector<core::FieldViolation>* out) {
  if (!core::IsUuid(contact_id)) out->push_back({"contactId", "must be a UUID"});
  if (epoch < 2) out->push_back({"epoch", "must be the one the agent was given, 2 or more"});
  if (!core::IsUuid(request_id)) out->push_back({"requestId", "must be a UUID chosen by the caller"});
}

}  // namespace

Answer<v1::CompleteContactResponse> RoutingApi::CompleteContact(rpc::CallPtr call, v1::CompleteContactRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  std::vector<core::FieldViolation> wrong;
  CheckHeld(request.contact_id(), request.epoch(), request.request_id(), &wrong);
  if (request.handled_through() < 1)
    wrong.push_back({"handledThrough", "must be the highest sequence the agent has seen"});
  if (!wrong.empty()) co_return core::InvalidFields(std::move(wrong));
  if (auto known = router_.settings.Known(); !known.ok()) co_return known;
  auto current = co_await router_.ledger.Get(call->deadline(), request.contact_id());
  if (!current.ok()) co_return current.status();
  const auto wrap_up = absl::FromChrono(router_.settings.QueueOf(current->queue).wrap_up_time);
  auto entry = co_await router_.ledger.Complete(call->deadline(), request.contact_id(), request.epoch(), *agent,
                                                request.handled_through(), wrap_up);
  if (!entry.ok()) co_return entry.status();
  (co_await ProjectEntry(router_, call->deadline(), *entry)).IgnoreError();  // its hand-off repeats it
  v1::CompleteContactResponse response;
  *response.mutable_assignment() = ToProto(*entry);
  co_return response;
}

Answer<v1::FinishWrapUpResponse> RoutingApi::FinishWrapUp(rpc::CallPtr call, v1::FinishWrapUpRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  std::vector<core::FieldViolation> wrong;
  CheckHeld(request.contact_id(), 2, request.request_id(), &wrong);
  if (auto known = router_.settings.Known(); !known.ok()) co_return known;
  if (!request.disposition().empty() && !router_.settings.HasDisposition(request.disposition()))
    wrong.push_back({"disposition", "is none of this hub's"});
  if (request.note().size() > kMaxNote) wrong.push_back({"note", "has more than 10,000 characters"});
  if (!wrong.empty()) co_return core::InvalidFields(std::move(wrong));
  RequestKey key{CallerKey(*call), request.request_id(), request.SerializeAsString()};
  auto entry = co_await router_.ledger.FinishWrapUp(call->deadline(), request.contact_id(), *agent,
                                                    request.disposition(), request.note(), std::move(key));
  if (!entry.ok()) co_return entry.status();
  (co_await ProjectEntry(router_, call->deadline(), *entry)).IgnoreError();  // its hand-off repeats it
  co_return v1::FinishWrapUpResponse();
}

Answer<v1::ExtendWrapUpResponse> RoutingApi::ExtendWrapUp(rpc::CallPtr call, v1::ExtendWrapUpRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  const auto by = absl::Seconds(request.by().seconds());
  std::vector<core::FieldViolation> wrong;
  if (!core::IsUuid(request.contact_id())) wrong.push_back({"contactId", "must be a UUID"});
  if (by < absl::Seconds(10) || by > absl::Minutes(10)) wrong.push_back({"by", "must be 10 s to 10 min"});
  if (!wrong.empty()) co_return core::InvalidFields(std::move(wrong));
  auto entry = co_await router_.ledger.ExtendWrapUp(call->deadline(), request.contact_id(), *agent, by);
  if (!entry.ok()) co_return entry.status();
  (co_await ProjectEntry(router_, call->deadline(), *entry)).IgnoreError();  // its hand-off repeats it
  v1::ExtendWrapUpResponse response;
  *response.mutable_assignment() = ToProto(*entry);
  co_return response;
}

Answer<v1::TransferContactResponse> RoutingApi::TransferContact(rpc::CallPtr call, v1::TransferContactRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  std::vector<core::FieldViolation> wrong;
  CheckHeld(request.contact_id(), request.epoch(), request.request_id(), &wrong);
  if (request.note().size() > kMaxNote) wrong.push_back({"note", "has more than 10,000 characters"});
  if (auto known = router_.settings.Known(); !known.ok()) co_return known;
  if (request.target_case() == v1::TransferContactRequest::TARGET_NOT_SET)
    wrong.push_back({"queue", "name a queue or an agent to pass the contact to"});
  if (request.has_queue() && !router_.settings.HasQueue(request.queue()))
    wrong.push_back({"queue", "is none of this hub's"});
  if (request.has_to_agent_id() &&
      (!router_.settings.HasAgent(request.to_agent_id()) || request.to_agent_id() == *agent)) {
    wrong.push_back({"toAgentId", "must be another agent of this hub"});
  }
  if (!wrong.empty()) co_return core::InvalidFields(std::move(wrong));
  auto current = co_await router_.ledger.Get(call->deadline(), request.contact_id());
  if (!current.ok()) co_return current.status();
  Placement place;
  place.queue = request.has_queue() ? request.queue() : current->queue;
  place.skills = request.has_queue() ? std::vector<std::string>() : current->skills;
  place.priority_seconds = current->priority_seconds;
  if (request.has_to_agent_id()) {
    place.preferred_agent_id = request.to_agent_id();
    place.prefer_for = kDirectFor;
    place.prefer_if_away = true;
  }
  RequestKey key{CallerKey(*call), request.request_id(), request.SerializeAsString()};
  auto status = co_await router_.ledger.Requeue(call->deadline(), request.contact_id(), request.epoch(), *agent,
                                                std::move(place), request.note(), std::move(key));
  if (!status.ok()) co_return status;
  (co_await ProjectContact(router_, call->deadline(), request.contact_id())).IgnoreError();  // its hand-off repeats it
  co_return v1::TransferContactResponse();
}

}  // namespace haven::routing::api
