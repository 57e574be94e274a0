#include "services/channels/store/replies.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/store/columns.h"
#include "services/channels/store/errors.h"

namespace haven::channels {
namespace {

using store::Params;
using store::Statement;

constexpr Statement kSaveDraft{
    "save_draft",
    "INSERT INTO draft (conversation_id, user_id, text, updated_time) VALUES ($1, $2, $3, $4) ON "
    "CONFLICT (conversation_id, user_id) DO UPDATE SET text = $3, updated_time = $4"};
constexpr Statement kDeleteDraft{"delete_draft", "DELETE FROM draft WHERE conversation_id = $1 AND user_id = $2"};
constexpr Statement kTies{"ties", "SELECT kind, key FROM participation WHERE conversation_id = $1"};

absl::Status Refusal(ReplyVerdict verdict) {
  switch (verdict) {
    case ReplyVerdict::kNotOwner:
      return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                             "somebody else has this contact");
    case ReplyVerdict::kNobodyHasIt:
      return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                             "no agent has this contact; accept it first");
    case ReplyVerdict::kEnded:
      return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                             "this contact has ended");
    default:
      return core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE,
                             "the contact has another owner by now; read it again");
  }
}

absl::StatusOr<Message> Repeated(const Message& earlier, const UserId& author, const std::string& text,
                                 MessageKind kind) {
  if (earlier.author == AuthorKind::kAgent && earlier.author_user == author && earlier.text == text &&
      earlier.kind == kind) {
    return earlier;
  }
  return core::MakeError(absl::StatusCode::kAlreadyExists, errors::v1::REASON_ALREADY_EXISTS,
                         "this request_id belongs to another message");
}

Message FromAgent(const Author& author, MessageKind kind, std::string text, std::string request_id) {
  Message message;
  message.author = AuthorKind::kAgent;
  message.author_user = author.user;
  message.author_name = author.name;
  message.public_name = author.public_name;
  message.kind = kind;
  message.text = std::move(text);
  message.request_id = std::move(request_id);
  if (kind == MessageKind::kText) message.delivery = DeliveryState::kSent;
  return message;
}

}  // namespace

async::Task<absl::StatusOr<ReplyResult>> Reply(Context context, core::Deadline deadline, ReplyDraft draft,
                                               std::optional<Ledger> ledger) {
  auto turn = co_await Turn::Begin(context, deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockContact(draft.contact);
  turn->WithRequest(draft.request_id);
  turn->WithParticipations();
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (turn->conversation().id != draft.conversation) co_return NotFound();
  ReplyResult result;
  if (turn->earlier()) {
    auto earlier = Repeated(*turn->earlier(), draft.author.user, draft.text, MessageKind::kText);
    if (!earlier.ok()) co_return earlier.status();
    result.message = *std::move(earlier);
    co_return result;
  }
  ReplyVerdict verdict = JudgeReply(*turn->contact(), draft.author.user, draft.epoch);
  if (verdict == ReplyVerdict::kAskLedger && ledger) {
    verdict = JudgeByLedger(ledger->owner, ledger->closing, draft.author.user, draft.epoch);
    if (verdict == ReplyVerdict::kAccept) turn->ApplyOwner(ledger->owner, draft.author.name, draft.author.public_name);
  }
  if (verdict == ReplyVerdict::kAskLedger) {
    result.ask_ledger = true;
    co_return result;
  }
  if (verdict != ReplyVerdict::kAccept) {
    co_return MaySee(draft.viewer, turn->participations()) ? Refusal(verdict) : NotFound();
  }
  turn->tx().Queue(kDeleteDraft, Params().Uuid(draft.conversation.value()).Text(draft.author.user.value()));
  result.message =
      turn->AddMessage(FromAgent(draft.author, MessageKind::kText, std::move(draft.text), std::move(draft.request_id)));
  if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
  co_return result;
}

async::Task<absl::StatusOr<Message>> AddNote(Context context, core::Deadline deadline, NoteDraft draft) {
  auto turn = co_await Turn::Begin(context, deadline);
  if (!turn.ok()) co_return turn.status();
  turn->LockConversation(draft.conversation);
  turn->WithRequest(draft.request_id);
  turn->WithParticipations();
  if (auto status = co_await turn->Read(); !status.ok()) co_return status;
  if (!MaySee(draft.viewer, turn->participations())) co_return NotFound();
  if (turn->earlier()) co_return Repeated(*turn->earlier(), draft.author.user, draft.text, MessageKind::kNote);
  const Message note =
      turn->AddMessage(FromAgent(draft.author, MessageKind::kNote, std::move(draft.text), std::move(draft.request_id)));
  if (auto status = co_await turn->Commit(); !status.ok()) co_return status;
  co_return note;
}

async::Task<absl::Status> SaveDraft(Context context, core::Deadline deadline, ConversationId conversation,
                                    Viewer viewer, std::string text) {
  auto tx = co_await context.database->Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto ties = co_await tx->Query(kTies, Params().Uuid(conversation.value()));
  if (!ties.ok()) co_return ties.status();
  std::vector<Participation> participations;
  for (int i = 0; i < ties->size(); ++i) {
    participations.push_back({static_cast<Participation::Kind>(ties->Int(i, 0)), ties->Text(i, 1)});
  }
  if (!MaySee(viewer, participations)) co_return NotFound();
  if (text.empty()) {
    tx->Queue(kDeleteDraft, Params().Uuid(conversation.value()).Text(viewer.user.value()));
  } else {
    Params params;
    params.Uuid(conversation.value()).Text(viewer.user.value()).Text(text).Time(context.clock->Now());
    tx->Queue(kSaveDraft, std::move(params));
  }
  co_return co_await tx->Commit();
}

}  // namespace haven::channels
