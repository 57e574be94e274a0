#include "services/channels/store/handovers.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/store/inbound.h"

namespace haven::channels {
namespace {

using Outcome = store::InboxTurn::Outcome;

absl::Status Stale() {
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                         "the contact has a later owner");
}

// Locks the contact's conversation and the hand-off's place in the inbox.
async::Task<absl::StatusOr<Turn>> BeginArrival(Context context, core::Deadline deadline, ContactId contact,
                                               Arrival arrival) {
  auto turn = co_await Turn::Begin(std::move(context), deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockContact(contact);
  turn->WithInbox(arrival.caller, arrival.aggregate, arrival.sequence, arrival.previous);
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (turn->inbox().outcome() == Outcome::kGap) co_return turn->inbox().gap();
  co_return std::move(turn);
}

void SayAll(Turn* turn, std::vector<FlowSay> says) {
  for (FlowSay& say : says) {
    Message message;
    message.author = AuthorKind::kFlow;
    message.kind = MessageKind::kText;
    message.text = std::move(say.text);
    message.choices = std::move(say.choices);
    message.delivery = DeliveryState::kSent;
    turn->AddMessage(std::move(message));
  }
}

// "1" closed; "0 <newest sequence>" not.
std::string Serialize(const ClosingResult& result) {
  return result.closed ? "1" : absl::StrCat("0 ", result.newest_sequence);
}

ClosingResult Parse(const std::string& recorded) {
  ClosingResult result;
  result.closed = recorded != "0" && (recorded.empty() || recorded[0] == '1');
  if (!result.closed && recorded.size() > 2) (void)absl::SimpleAtoi(recorded.substr(2), &result.newest_sequence);
  return result;
}

}  // namespace

async::Task<absl::Status> ApplyFlowStep(Context context, core::Deadline deadline, FlowStep step) {
  auto turn = co_await BeginArrival(context, deadline, step.contact, step.arrival);
  if (!turn.ok()) co_return turn.status();
  if (turn->inbox().outcome() == Outcome::kDuplicate) co_return absl::OkStatus();
  if (turn->contact()->state == ContactState::kOpen) {
    if (step.epoch < turn->contact()->epoch) co_return Stale();
    if (!step.language.empty()) {
      turn->EditContact().language = step.language;
      turn->SetPersonLanguage(step.language);
    }
    if (!step.subject.empty()) turn->EditContact().subject = step.subject;
    SayAll(&*turn, std::move(step.says));
    if (step.end &&
        JudgeClose(*turn->contact(), step.epoch, step.handled_through, EndReason::kFlowEnded) == CloseVerdict::kClose) {
      turn->EndContact(EndReason::kFlowEnded, UserId(), step.handled_through);
    }
  }
  turn->RecordInbox("");
  co_return co_await turn->Commit();
}

async::Task<absl::Status> ApplyOwner(Context context, core::Deadline deadline, OwnerChange change) {
  auto turn = co_await BeginArrival(context, deadline, change.contact, change.arrival);
  if (!turn.ok()) co_return turn.status();
  if (turn->inbox().outcome() == Outcome::kDuplicate) co_return absl::OkStatus();
  const bool tells_left = PlanOwner(*turn->contact(), change.owner).tells_left;
  turn->ApplyOwner(change.owner, change.agent_name, change.public_name);
  if (tells_left) HandOffLeft(&*turn, false);
  turn->RecordInbox("");
  co_return co_await turn->Commit();
}

async::Task<absl::StatusOr<ClosingResult>> CloseContact(Context context, core::Deadline deadline, Closing closing) {
  auto turn = co_await BeginArrival(context, deadline, closing.contact, closing.arrival);
  if (!turn.ok()) co_return turn.status();
  if (turn->inbox().outcome() == Outcome::kDuplicate) co_return Parse(turn->inbox().result());
  ClosingResult result;
  switch (JudgeClose(*turn->contact(), closing.epoch, closing.handled_through, closing.reason)) {
    case CloseVerdict::kStale:
      co_return Stale();
    case CloseVerdict::kNewerMessage:
      result.newest_sequence = turn->contact()->last_inbound;
      break;
    case CloseVerdict::kAlreadyEnded:
      result.closed = true;
      break;
    case CloseVerdict::kClose:
      turn->EndContact(closing.reason, closing.agent, closing.handled_through);
      result.closed = true;
      break;
  }
  turn->RecordInbox(Serialize(result));
  if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
  co_return result;
}

async::Task<absl::Status> RecordWrapUp(Context context, core::Deadline deadline, WrapUp wrap_up) {
  auto turn = co_await BeginArrival(context, deadline, wrap_up.contact, wrap_up.arrival);
  if (!turn.ok()) co_return turn.status();
  if (turn->inbox().outcome() == Outcome::kDuplicate) co_return absl::OkStatus();
  if (!wrap_up.disposition.empty()) turn->EditContact().disposition = wrap_up.disposition;
  if (!wrap_up.note.empty()) {
    Message note;
    note.author = AuthorKind::kAgent;
    note.author_user = wrap_up.agent;
    note.author_name = wrap_up.agent_name;
    note.kind = MessageKind::kNote;
    note.text = std::move(wrap_up.note);
    note.contact = wrap_up.contact;
    turn->AddMessage(std::move(note));
  }
  turn->RecordInbox("");
  co_return co_await turn->Commit();
}

}  // namespace haven::channels
