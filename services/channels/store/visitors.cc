#include "services/channels/store/visitors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/status.h"
#include "services/channels/domain/token.h"
#include "services/channels/store/errors.h"
#include "services/channels/store/inbound.h"

namespace haven::channels {
namespace {

using store::Params;
using store::Statement;

constexpr int kMostTokens = 8;
constexpr int kNonceBytes = 32;
constexpr char kRequestConstraint[] = "visitor_request_id_key";

constexpr Statement kFindStart{"find_start",
                               "SELECT conversation_id, nonce, token_hash FROM visitor WHERE request_id = $1"};
constexpr Statement kInsertVisitor{
    "insert_visitor",
    "INSERT INTO visitor (token_hash, conversation_id, created_time, expire_time, request_id, "
    "nonce) VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr Statement kFindVisitor{
    "find_visitor",
    "SELECT v.conversation_id, c.person_id, v.expire_time, v.nonce IS NOT NULL FROM visitor v "
    "JOIN conversation c ON c.id = v.conversation_id WHERE v.token_hash = $1 AND v.expire_time > "
    "$2"};
constexpr Statement kUseVisitor{
    "use_visitor",
    "UPDATE visitor SET expire_time = greatest(expire_time, $2), nonce = NULL WHERE token_hash = "
    "$1"};
constexpr Statement kLockVisitors{
    "lock_visitors", "SELECT token_hash = $2, expire_time > $3 FROM visitor WHERE conversation_id = $1 FOR UPDATE"};
constexpr Statement kEndVisitorSoon{"end_visitor_soon",
                                    "UPDATE visitor SET expire_time = least(expire_time, $2) WHERE token_hash = $1"};
constexpr Statement kDeleteVisitor{"delete_visitor", "DELETE FROM visitor WHERE token_hash = $1"};
constexpr Statement kSweepVisitors{
    "sweep_visitors",
    "DELETE FROM visitor WHERE token_hash IN (SELECT token_hash FROM visitor WHERE expire_time <= "
    "$1 LIMIT 1000)"};

// The answer to an earlier StartChat with this id; nullopt if there was none.
absl::StatusOr<std::optional<StartedChat>> Earlier(const store::Rows& rows, const ChatStart& start) {
  if (rows.empty()) return std::nullopt;
  if (!rows.IsNull(0, 1)) {
    StartedChat chat{DeriveVisitorToken(start.server_key, rows.BytesView(0, 1), start.request_id),
                     ConversationId(rows.Text(0, 0))};
    if (HashVisitorToken(chat.token) == rows.BytesView(0, 2)) return chat;
  }
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                         "the chat of this request_id is in use already; take a new request_id");
}

std::string Nonce(core::Random& random) {
  std::string nonce(kNonceBytes, '\0');
  random.Fill(reinterpret_cast<unsigned char*>(nonce.data()), nonce.size());
  return nonce;
}

ConversationId QueueChat(const Context& context, Turn* turn, const ChatStart& start) {
  Person person;
  person.id = PersonId(core::NewUuid(*context.clock, *context.random));
  if (start.language_chosen) person.language = start.language;
  Conversation conversation;
  conversation.id = ConversationId(core::NewUuid(*context.clock, *context.random));
  conversation.person = person.id;
  conversation.channel = Channel::kWebchat;
  conversation.channel_key = start.channel_key;
  conversation.page_language = start.language;
  const ConversationId id = conversation.id;
  turn->Create(std::move(conversation), std::move(person));
  turn->OpenContact(start.language);
  Message started;
  started.author = AuthorKind::kSystem;
  started.kind = MessageKind::kEvent;
  started.event = ConversationEvent::kStarted;
  HandOffStep(context, turn, turn->AddMessage(std::move(started)), true);
  return id;
}

async::Task<absl::StatusOr<std::optional<StartedChat>>> FindEarlier(Context context, core::Deadline deadline,
                                                                    ChatStart start) {
  auto rows = co_await context.database->Query(deadline, kFindStart, Params().Uuid(start.request_id));
  if (!rows.ok()) co_return rows.status();
  co_return Earlier(*rows, start);
}

}  // namespace

async::Task<absl::StatusOr<StartedChat>> StartChat(Context context, core::Deadline deadline, ChatStart start,
                                                   absl::Duration token_life) {
  auto earlier = co_await FindEarlier(context, deadline, start);
  if (!earlier.ok()) co_return earlier.status();
  if (*earlier) co_return **earlier;
  absl::Status status;
  StartedChat chat;
  {
    auto turn = co_await Turn::Begin(context, deadline);
    if (!turn.ok()) co_return turn.status();
    const std::string nonce = Nonce(*context.random);
    chat.token = DeriveVisitorToken(start.server_key, nonce, start.request_id);
    chat.conversation = QueueChat(context, &*turn, start);
    Params visitor;
    visitor.Bytes(HashVisitorToken(chat.token)).Uuid(chat.conversation.value()).Time(turn->now());
    visitor.Time(turn->now() + token_life).Uuid(start.request_id).Bytes(nonce);
    turn->tx().Queue(kInsertVisitor, std::move(visitor));
    status = co_await turn->Commit();
  }
  if (status.ok()) co_return chat;
  if (store::ConstraintOf(status) != kRequestConstraint) co_return status;
  // The same request came twice at the same time; the other one has won.
  earlier = co_await FindEarlier(context, deadline, start);
  if (!earlier.ok()) co_return earlier.status();
  if (!*earlier) co_return status;
  co_return **earlier;
}

async::Task<absl::StatusOr<std::optional<Visitor>>> FindVisitor(Context context, core::Deadline deadline,
                                                                std::string token_hash, absl::Duration token_life) {
  const absl::Time now = context.clock->Now();
  auto rows = co_await context.database->Query(deadline, kFindVisitor, Params().Bytes(token_hash).Time(now));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return std::nullopt;
  const absl::Time expires = rows->Time(0, 2);
  // A renewed token's predecessor has minutes left and is not prolonged; the others are, when a day of their life is
  // gone.
  const bool prolong = expires > now + absl::Hours(1) && expires < now + token_life - absl::Hours(24);
  if (prolong || rows->Bool(0, 3)) {
    const absl::Time until = prolong ? now + token_life : expires;
    auto used = co_await context.database->Query(deadline, kUseVisitor, Params().Bytes(token_hash).Time(until));
    if (!used.ok()) co_return used.status();
  }
  co_return Visitor{ConversationId(rows->Text(0, 0)), PersonId(rows->Text(0, 1))};
}

async::Task<absl::StatusOr<std::string>> RenewToken(Context context, core::Deadline deadline,
                                                    ConversationId conversation, std::string token_hash,
                                                    absl::Duration token_life, absl::Duration grace) {
  auto tx = co_await context.database->Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  const absl::Time now = context.clock->Now();
  auto rows = co_await tx->Query(kLockVisitors, Params().Uuid(conversation.value()).Bytes(token_hash).Time(now));
  if (!rows.ok()) co_return rows.status();
  bool stands = false;
  for (int i = 0; i < rows->size(); ++i) stands = stands || (rows->Bool(i, 0) && rows->Bool(i, 1));
  if (!stands) {
    co_return TokenEnded();
  }
  if (rows->size() >= kMostTokens) {
    co_return core::LimitError(errors::v1::REASON_RATE_LIMITED, "this chat has been given too many tokens",
                               std::chrono::minutes(10));
  }
  const std::string token = absl::StrCat("hvv_", core::NewSecret(*context.random));
  Params visitor;
  visitor.Bytes(HashVisitorToken(token)).Uuid(conversation.value()).Time(now).Time(now + token_life).Null().Null();
  tx->Queue(kInsertVisitor, std::move(visitor));
  tx->Queue(kEndVisitorSoon, Params().Bytes(token_hash).Time(now + grace));
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return token;
}

async::Task<absl::Status> RevokeToken(Context context, core::Deadline deadline, std::string token_hash) {
  auto rows = co_await context.database->Query(deadline, kDeleteVisitor, Params().Bytes(token_hash));
  co_return rows.status();
}

async::Task<absl::StatusOr<std::int64_t>> SweepVisitors(Context context, core::Deadline deadline) {
  auto rows = co_await context.database->Query(deadline, kSweepVisitors, Params().Time(context.clock->Now()));
  if (!rows.ok()) co_return rows.status();
  co_return rows->affected();
}

}  // namespace haven::channels
