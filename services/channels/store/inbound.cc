#include "services/channels/store/inbound.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/core/error.h"
#include "libs/core/seeded_fault.h"
#include "services/channels/store/handoff_kinds.h"

#ifdef HAVEN_SEEDED_FAULTS
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <tuple>

#include "libs/async/wait.h"
#endif

namespace haven::channels {
namespace {

namespace ivr = ::haven::internal::ivr::v1;
namespace routing = ::haven::internal::routing::v1;

bool Recent(const Conversation& conversation, absl::Time now, absl::Duration memory) {
  return conversation.last_agent_time && now - *conversation.last_agent_time <= memory;
}

Message FromPerson(const InboundMessage& inbound, const std::optional<std::string>& choice_title) {
  Message message;
  message.author = AuthorKind::kPerson;
  message.kind = MessageKind::kText;
  message.text = inbound.text.empty() && choice_title ? *choice_title : inbound.text;
  // A choice that was never offered says nothing.
  if (choice_title) message.choice_id = inbound.choice_id;
  message.request_id = inbound.request_id;
  return message;
}

#ifdef HAVEN_SEEDED_FAULTS
// The promise that the control run breaks: the answer does not wait for this.
async::Task<void> CommitLater(Turn turn) {
  std::ignore = co_await async::Sleep(std::chrono::milliseconds(200));
  (co_await turn.Commit()).IgnoreError();
}
#endif

absl::StatusOr<Message> Repeated(const Message& earlier, const InboundMessage& inbound) {
  const bool same = earlier.author == AuthorKind::kPerson && (inbound.text.empty() || earlier.text == inbound.text);
  if (same) return earlier;
  return core::MakeError(absl::StatusCode::kAlreadyExists, errors::v1::REASON_ALREADY_EXISTS,
                         "this request_id belongs to another message");
}

}  // namespace

void HandOffStep(const Context& context, Turn* turn, const Message& message, bool start) {
  const Conversation& conversation = turn->conversation();
  const Contact& contact = *turn->contact();
  ivr::StepRequest step;
  step.set_contact_id(contact.id.value());
  step.set_conversation_id(conversation.id.value());
  step.set_epoch(contact.epoch);
  step.set_channel(static_cast<::haven::channels::v1::Channel>(contact.channel));
  step.set_channel_key(conversation.channel_key);
  step.set_message_sequence(message.sequence);
  step.set_start(start);
  if (message.author == AuthorKind::kPerson) {
    step.set_text(message.text);
    step.set_choice_id(message.choice_id);
  }
  step.set_language(turn->person().language);
  step.set_page_language(conversation.page_language);
  step.mutable_message_time()->set_seconds(absl::ToUnixSeconds(message.created));
  step.mutable_message_time()->set_nanos(static_cast<int>(
      absl::ToInt64Nanoseconds(message.created - absl::FromUnixSeconds(absl::ToUnixSeconds(message.created)))));
  // The contact just opened has been counted.
  step.set_returning(turn->person().contact_count > 1);
  if (Recent(conversation, turn->now(), context.memory.agent)) step.set_last_agent_id(conversation.last_agent.value());
  if (Recent(conversation, turn->now(), context.memory.subject)) step.set_last_subject(conversation.last_subject);
  turn->HandOff(handoff::kIvr, handoff::kStep, step.SerializeAsString());
}

void HandOffLeft(Turn* turn, bool returned) {
  // While the flow has it there is no ledger row; the first owner from there on brings the news (PlanOwner).
  if (turn->contact()->owner == OwnerKind::kFlow) return;
  routing::MarkLeftRequest request;
  request.set_contact_id(turn->contact()->id.value());
  request.set_returned(returned);
  turn->HandOff(handoff::kRouting, handoff::kMarkLeft, request.SerializeAsString());
}

async::Task<absl::StatusOr<Message>> TakeMessage(Context context, core::Deadline deadline, InboundMessage inbound) {
  auto turn = co_await Turn::Begin(context, deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockConversation(inbound.conversation);
  turn->WithRequest(inbound.request_id);
  if (!inbound.token_hash.empty()) turn->WithVisitor(inbound.token_hash);
  if (!inbound.choice_id.empty()) turn->WithChoice(inbound.choice_id);
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (turn->earlier()) co_return Repeated(*turn->earlier(), inbound);
  if (inbound.text.empty() && !turn->choice_title()) {
    co_return core::InvalidField("choice_id", "was not offered in this chat; send the text that was written");
  }

  const InboundPlan plan = PlanInbound(turn->conversation(), turn->contact());
  if (plan.opens_contact) {
    turn->OpenContact(turn->person().language.empty() ? turn->conversation().page_language : turn->person().language);
  }
  const Message message = turn->AddMessage(FromPerson(inbound, turn->choice_title()));
  if (plan.steps_flow) HandOffStep(context, &*turn, message, plan.opens_contact);
  if (plan.person_returned) {
    turn->EditContact().person_left = false;
    HandOffLeft(&*turn, true);
  }
#ifdef HAVEN_SEEDED_FAULTS
  if (core::SeededFault("ack_before_commit")) {
    boost::asio::co_spawn(co_await boost::asio::this_coro::executor, CommitLater(*std::move(turn)),
                          boost::asio::detached);
    co_return message;
  }
#endif
  if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
  co_return message;
}

async::Task<absl::Status> PersonLeft(Context context, core::Deadline deadline, ConversationId conversation) {
  auto turn = co_await Turn::Begin(context, deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockConversation(conversation);
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (!turn->contact() || turn->contact()->person_left) co_return absl::OkStatus();
  Message left;
  left.author = AuthorKind::kSystem;
  left.kind = MessageKind::kEvent;
  left.event = ConversationEvent::kPersonLeft;
  turn->AddMessage(std::move(left));
  turn->EditContact().person_left = true;
  HandOffLeft(&*turn, false);
  co_return co_await turn->Commit();
}

async::Task<absl::Status> ReportSeen(Context context, core::Deadline deadline, ConversationId conversation,
                                     std::int64_t received, std::int64_t seen) {
  auto turn = co_await Turn::Begin(context, deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockConversation(conversation);
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (!turn->MarkSeen(received, seen)) co_return absl::OkStatus();
  co_return co_await turn->Commit();
}

}  // namespace haven::channels
