#include "services/channels/store/reads.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/domain/rules.h"
#include "services/channels/store/columns.h"
#include "services/channels/store/errors.h"

namespace haven::channels {
namespace {

using store::Params;
using store::Rows;
using store::Statement;

#define HAVEN_SHOWN_MESSAGE HAVEN_MESSAGE_COLUMNS ", c.received, c.seen"

constexpr Statement kView{
    "view",
    "SELECT " HAVEN_CONVERSATION_COLUMNS ", " HAVEN_PERSON_COLUMNS ", " HAVEN_CONTACT_COLUMNS
    ", d.text, ARRAY(SELECT kind || t.key FROM participation t WHERE t.conversation_id = c.id) FROM conversation c "
    "JOIN "
    "person p ON p.id = c.person_id LEFT JOIN contact k ON k.conversation_id = c.id AND k.channel = c.channel AND "
    "k.kind = 1 AND k.state = 1 LEFT JOIN draft d ON d.conversation_id = c.id AND d.user_id = $2 WHERE c.id = $1"};
constexpr Statement kMessagesAfter{
    "messages_after",
    "SELECT " HAVEN_SHOWN_MESSAGE
    " FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.conversation_id = $1 AND "
    "m.sequence > $2 AND ($4 OR m.kind <> 2) ORDER BY m.sequence LIMIT $3"};
constexpr Statement kMessagesBefore{
    "messages_before",
    "SELECT " HAVEN_SHOWN_MESSAGE
    " FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.conversation_id = $1 AND "
    "m.sequence < $2 AND ($4 OR m.kind <> 2) ORDER BY m.sequence DESC LIMIT $3"};
constexpr Statement kContacts{"contacts",
                              "SELECT " HAVEN_CONTACT_COLUMNS
                              " FROM contact k WHERE k.conversation_id = $1 AND (k.created_time, k.id) < ($2, "
                              "$3) ORDER BY k.created_time DESC, k.id DESC LIMIT $4"};
constexpr Statement kDescribe{
    "describe",
    "SELECT " HAVEN_CONTACT_COLUMNS ", " HAVEN_CONVERSATION_COLUMNS ", " HAVEN_PERSON_COLUMNS
    ", d.text FROM contact k JOIN conversation c ON c.id = k.conversation_id JOIN person p ON p.id = c.person_id "
    "LEFT JOIN draft d ON d.conversation_id = c.id AND d.user_id = $2 WHERE k.id = ANY($1::uuid[])"};
constexpr Statement kRecent{
    "recent",
    "SELECT " HAVEN_SHOWN_MESSAGE
    " FROM unnest($1::uuid[], $2::boolean[]) AS wanted(id, notes) JOIN conversation c ON c.id = wanted.id CROSS JOIN "
    "LATERAL (SELECT * FROM message n WHERE n.conversation_id = c.id AND (wanted.notes OR n.kind <> 2) ORDER BY "
    "n.sequence DESC LIMIT $3) m ORDER BY m.conversation_id, m.sequence"};
constexpr Statement kMany{
    "many",
    "SELECT " HAVEN_SHOWN_MESSAGE
    " FROM unnest($1::uuid[], $2::bigint[]) AS wanted(id, after) JOIN conversation c ON c.id = wanted.id CROSS JOIN "
    "LATERAL (SELECT * FROM message n WHERE n.conversation_id = c.id AND n.sequence > wanted.after AND ($3 OR n.kind "
    "<> "
    "2) ORDER BY n.sequence LIMIT $4) m ORDER BY m.conversation_id, m.sequence"};
constexpr Statement kHead{
    "head",
    "SELECT c.version, c.last_sequence, k.owner, k.agent_id, $2::bytea = ''::bytea OR EXISTS (SELECT 1 FROM visitor v "
    "WHERE v.token_hash = $2 AND v.conversation_id = c.id AND v.expire_time > $3) FROM conversation c LEFT JOIN "
    "contact "
    "k ON k.conversation_id = c.id AND k.channel = c.channel AND k.kind = 1 AND k.state = 1 WHERE c.id = $1"};
constexpr Statement kVersions{"versions", "SELECT id, version FROM conversation WHERE id = ANY($1::uuid[])"};

std::vector<Message> ShownMessages(const Rows& rows, int count) {
  std::vector<Message> messages;
  messages.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    Message message = *ReadMessage(rows, i, 0);
    message.delivery = Effective(message, rows.Int(i, kMessageColumns), rows.Int(i, kMessageColumns + 1));
    messages.push_back(std::move(message));
  }
  return messages;
}

Participation ReadTie(const std::string& text) {
  return {static_cast<Participation::Kind>(text.front() - '0'), text.substr(1)};
}

template <class IdType>
std::vector<std::string> Values(const std::vector<IdType>& ids) {
  std::vector<std::string> values;
  values.reserve(ids.size());
  for (const IdType& id : ids) values.push_back(id.value());
  return values;
}

}  // namespace

async::Task<absl::StatusOr<ConversationView>> ReadView(Context context, core::Deadline deadline, ConversationId id,
                                                       UserId draft_of) {
  Params params;
  params.Uuid(id.value()).Text(draft_of.value());
  auto rows = co_await context.database->Query(deadline, kView, std::move(params));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return NotFound();
  ConversationView view;
  int at = 0;
  view.conversation = ReadConversation(*rows, 0, at);
  view.person = ReadPerson(*rows, 0, at += kConversationColumns);
  view.open_contact = ReadContact(*rows, 0, at += kPersonColumns);
  at += kContactColumns;
  if (!draft_of.empty()) view.draft = rows->OptText(0, at).value_or("");
  for (const std::string& tie : rows->TextArray(0, at + 1)) view.participations.push_back(ReadTie(tie));
  co_return view;
}

async::Task<absl::StatusOr<MessagePage>> ReadMessages(Context context, core::Deadline deadline, MessageQuery query) {
  const bool backwards = query.before > 0;
  Params params;
  params.Uuid(query.conversation.value())
      .Int(backwards ? query.before : query.after)
      .Int(query.limit + 1)
      .Bool(query.notes);
  auto rows =
      co_await context.database->Query(deadline, backwards ? kMessagesBefore : kMessagesAfter, std::move(params));
  if (!rows.ok()) co_return rows.status();
  MessagePage page;
  page.has_more = rows->size() > query.limit;
  page.messages = ShownMessages(*rows, std::min(rows->size(), query.limit));
  if (backwards) std::reverse(page.messages.begin(), page.messages.end());
  co_return page;
}

async::Task<absl::StatusOr<ContactPage>> ReadContacts(Context context, core::Deadline deadline, ConversationId id,
                                                      int limit, std::optional<ContactPosition> after) {
  const ContactPosition from = after.value_or(
      ContactPosition{context.clock->Now() + absl::Hours(24 * 365), ContactId("ffffffff-ffff-ffff-ffff-ffffffffffff")});
  Params params;
  params.Uuid(id.value()).Time(from.created).Uuid(from.id.value()).Int(limit + 1);
  auto rows = co_await context.database->Query(deadline, kContacts, std::move(params));
  if (!rows.ok()) co_return rows.status();
  ContactPage page;
  for (int i = 0; i < std::min(rows->size(), limit); ++i) page.contacts.push_back(*ReadContact(*rows, i, 0));
  if (rows->size() > limit) page.next = ContactPosition{page.contacts.back().created, page.contacts.back().id};
  co_return page;
}

async::Task<absl::StatusOr<std::vector<Summary>>> Describe(Context context, core::Deadline deadline,
                                                           std::vector<ContactId> ids, int recent, UserId draft_of) {
  Params params;
  params.UuidArray(Values(ids)).Text(draft_of.value());
  auto rows = co_await context.database->Query(deadline, kDescribe, std::move(params));
  if (!rows.ok()) co_return rows.status();
  std::unordered_map<std::string, Summary> found;
  std::unordered_map<std::string, bool> conversations;  // with notes?
  for (int i = 0; i < rows->size(); ++i) {
    Summary summary;
    int at = 0;
    summary.contact = *ReadContact(*rows, i, at);
    summary.conversation = ReadConversation(*rows, i, at += kContactColumns);
    summary.person = ReadPerson(*rows, i, at += kConversationColumns);
    if (!draft_of.empty()) summary.draft = rows->OptText(i, at + kPersonColumns).value_or("");
    const bool owner = !draft_of.empty() && summary.contact.agent == draft_of;
    conversations[summary.conversation.id.value()] |= owner;
    found.emplace(summary.contact.id.value(), std::move(summary));
  }
  std::unordered_map<std::string, std::vector<Message>> messages;
  if (recent > 0 && !found.empty()) {
    std::vector<std::string> wanted;
    std::string notes = "{";
    for (const auto& [id, with_notes] : conversations) {
      if (!wanted.empty()) notes += ',';
      wanted.push_back(id);
      notes += with_notes ? 't' : 'f';
    }
    Params recent_params;
    recent_params.UuidArray(wanted).Text(notes + "}").Int(recent);
    auto recent_rows = co_await context.database->Query(deadline, kRecent, std::move(recent_params));
    if (!recent_rows.ok()) co_return recent_rows.status();
    for (Message& message : ShownMessages(*recent_rows, recent_rows->size())) {
      messages[message.conversation.value()].push_back(std::move(message));
    }
  }
  std::vector<Summary> summaries;
  for (const ContactId& id : ids) {
    auto it = found.find(id.value());
    if (it == found.end()) continue;
    it->second.recent = messages[it->second.conversation.id.value()];
    summaries.push_back(std::move(it->second));
    found.erase(it);
  }
  co_return summaries;
}

async::Task<absl::StatusOr<std::vector<Message>>> ReadMany(Context context, core::Deadline deadline,
                                                           std::vector<ReadFrom> positions, bool notes, int limit) {
  std::vector<std::string> ids;
  std::vector<std::int64_t> after;
  for (const ReadFrom& position : positions) {
    ids.push_back(position.conversation.value());
    after.push_back(position.after);
  }
  Params params;
  params.UuidArray(ids).IntArray(after).Bool(notes).Int(limit);
  auto rows = co_await context.database->Query(deadline, kMany, std::move(params));
  if (!rows.ok()) co_return rows.status();
  co_return ShownMessages(*rows, rows->size());
}

async::Task<absl::StatusOr<ChatHead>> ReadHead(Context context, core::Deadline deadline, ConversationId id,
                                               std::string token_hash) {
  Params params;
  params.Uuid(id.value()).Bytes(token_hash).Time(context.clock->Now());
  auto rows = co_await context.database->Query(deadline, kHead, std::move(params));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return NotFound();
  ChatHead head;
  head.version = rows->Int(0, 0);
  head.last_sequence = rows->Int(0, 1);
  head.owner = static_cast<OwnerKind>(rows->IsNull(0, 2) ? 0 : rows->Int(0, 2));
  if (head.owner == OwnerKind::kAgent) head.agent = UserId(rows->Text(0, 3));
  head.token_stands = rows->Bool(0, 4);
  co_return head;
}

async::Task<absl::StatusOr<std::vector<ConversationVersion>>> ReadVersions(Context context, core::Deadline deadline,
                                                                           std::vector<ConversationId> ids) {
  Params params;
  params.UuidArray(Values(ids));
  auto rows = co_await context.database->Query(deadline, kVersions, std::move(params));
  if (!rows.ok()) co_return rows.status();
  std::vector<ConversationVersion> versions;
  for (int i = 0; i < rows->size(); ++i) versions.push_back({ConversationId(rows->Text(i, 0)), rows->Int(i, 1)});
  co_return versions;
}

}  // namespace haven::channels
