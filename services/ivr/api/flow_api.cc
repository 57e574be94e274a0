#include "services/ivr/api/flow_api.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "libs/core/log.h"
#include "services/ivr/api/handoffs.h"
#include "services/ivr/domain/welcome.h"
#include "services/ivr/store/session_turn.h"

namespace haven::ivr {
namespace {

namespace wire = ::haven::internal::ivr::v1;
namespace channels = ::haven::internal::channels::v1;
namespace routing = ::haven::internal::routing::v1;

const core::Logger& Log() {
  static const core::Logger logger("ivr");
  return logger;
}

absl::Status Validate(const wire::StepRequest& request) {
  std::vector<core::FieldViolation> violations;
  const auto require = [&](bool holds, const char* field, const char* description) {
    if (!holds) violations.push_back({field, description});
  };
  require(core::IsUuid(request.contact_id()), "contactId", "must be a UUID");
  require(core::IsUuid(request.conversation_id()), "conversationId", "must be a UUID");
  require(request.epoch() >= 1, "epoch", "must be 1 or more");
  require(request.message_sequence() >= 1, "messageSequence", "must be 1 or more");
  require(!request.handoff().caller().empty(), "handoff.caller", "is required");
  require(!request.handoff().aggregate().empty(), "handoff.aggregate", "is required");
  require(request.handoff().sequence() >= 1, "handoff.sequence", "must be 1 or more");
  return violations.empty() ? absl::OkStatus() : core::InvalidFields(std::move(violations));
}

channels::ApplyFlowStepRequest FlowStepOf(const wire::StepRequest& request, const Outcome& outcome) {
  channels::ApplyFlowStepRequest step;
  step.set_contact_id(request.contact_id());
  step.set_epoch(request.epoch());
  for (const Said& said : outcome.says) {
    auto* say = step.add_says();
    say->set_text(said.text);
    for (const SaidChoice& choice : said.choices) {
      auto* added = say->add_choices();
      added->set_id(choice.id);
      added->set_title(choice.title);
    }
  }
  step.set_language(outcome.language.value_or(""));
  step.set_subject(outcome.subject.value_or(""));
  step.set_end(outcome.end);
  step.set_handled_through(request.message_sequence());
  return step;
}

routing::EnqueueRequest EnqueueOf(const wire::StepRequest& request, const HandOver& hand_over) {
  routing::EnqueueRequest enqueue;
  enqueue.set_contact_id(request.contact_id());
  enqueue.set_conversation_id(request.conversation_id());
  enqueue.set_epoch(request.epoch());
  enqueue.set_channel(request.channel());
  enqueue.set_queue(hand_over.queue);
  enqueue.set_language(hand_over.language);
  enqueue.set_preferred_agent_id(hand_over.preferred_agent);
  // Since when the person waits: a flow that was late must not cost them their place.
  if (request.has_message_time()) *enqueue.mutable_enqueue_time() = request.message_time();
  return enqueue;
}

const char* Label(const Outcome& outcome) {
  if (!outcome.failure.empty()) return "failed";
  if (outcome.hand_over) return "handed_over";
  if (outcome.end) return "ended";
  return "waiting";
}

bool Decides(const Outcome& outcome) {
  return !outcome.says.empty() || outcome.language || outcome.subject || outcome.end;
}

}  // namespace

void FlowApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.internal.ivr.v1.FlowService";
  registry.Unary(service + "/Step", this, &FlowApi::Step);
  registry.Implements(service);
}

async::Task<absl::StatusOr<wire::StepResponse>> FlowApi::Step(rpc::CallPtr call, wire::StepRequest request) {
  if (auto status = Validate(request); !status.ok()) co_return status;
  if (service_.hub == nullptr) {
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                              "no configuration has been applied to this hub yet");
  }
  const auto& from = request.handoff();
  SessionTurn::Arrival arrival{from.caller(), from.aggregate(), from.sequence(), from.previous()};
  auto turn = co_await SessionTurn::Begin(service_.database, service_.handoffs, call->deadline(), request.contact_id(),
                                          std::move(arrival));
  if (!turn.ok()) co_return turn.status();
  if (turn->duplicate()) co_return wire::StepResponse();

  StoredSession stored;
  // A contact that comes back to a flow has a later epoch and begins anew.
  const bool known = turn->stored() && turn->stored()->epoch >= request.epoch();
  if (known) stored = *turn->stored();
  if (known &&
      (stored.last_sequence >= request.message_sequence() || stored.session.state == SessionState::kHandedOver)) {
    service_.metrics->steps.With({"ignored"}).Add();
    if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
    co_return wire::StepResponse();
  }
  const Flow* pinned = known ? FindFlow(stored.session.flow) : &service_.hub->FlowOf(request.channel_key());
  const Flow& flow = pinned == nullptr ? WelcomeFlow() : *pinned;
  if (!known) stored.session = Begin(flow);
  const absl::Time now = service_.clock->Now();
  const Event event{request.start() || !known, request.text(), request.choice_id()};
  const Outcome outcome = ivr::Step(flow, service_.hub->For(request, now), event, &stored.session);
  service_.metrics->steps.With({Label(outcome)}).Add();
  if (!outcome.failure.empty()) Log().Error("flow_failed", {{"why", core::PlainText{outcome.failure}}});

  stored.epoch = request.epoch();
  stored.last_sequence = request.message_sequence();
  turn->Save(request.conversation_id(), stored, now);
  // In this order: what the flow says is in the conversation before the queue owns the contact.
  if (Decides(outcome)) {
    turn->HandOff(handoff::kChannels, handoff::kApplyFlowStep, FlowStepOf(request, outcome).SerializeAsString());
  }
  if (outcome.hand_over) {
    turn->HandOff(handoff::kRouting, handoff::kEnqueue, EnqueueOf(request, *outcome.hand_over).SerializeAsString());
  }
  if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
  co_return wire::StepResponse();
}

}  // namespace haven::ivr
