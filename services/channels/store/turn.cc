#include "services/channels/store/turn.h"

#include <algorithm>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/events/v1/events.pb.h"
#include "libs/core/error.h"
#include "services/channels/store/columns.h"
#include "services/channels/store/errors.h"

namespace haven::channels {
namespace {

using store::Params;
using store::Statement;

constexpr Statement kLockConversation{
    "lock_conversation", "SELECT " HAVEN_CONVERSATION_COLUMNS " FROM conversation c WHERE c.id = $1 FOR NO KEY UPDATE"};
constexpr Statement kLockContact{
    "lock_contact", "SELECT " HAVEN_CONVERSATION_COLUMNS
                    " FROM conversation c WHERE c.id = (SELECT conversation_id FROM contact WHERE id = $1) "
                    "FOR NO KEY UPDATE"};
// Statements of their own: what is joined to a row that had to be waited for is as old as the waiting.
constexpr Statement kReadOpenContact{
    "read_open_contact",
    "SELECT " HAVEN_PERSON_COLUMNS ", " HAVEN_CONTACT_COLUMNS
    " FROM conversation c JOIN person p ON p.id = c.person_id LEFT JOIN contact k ON k.conversation_id "
    "= c.id AND k.channel = c.channel AND k.kind = 1 AND k.state = 1 WHERE c.id = $1"};
constexpr Statement kReadContact{
    "read_contact",
    "SELECT " HAVEN_PERSON_COLUMNS ", " HAVEN_CONTACT_COLUMNS
    " FROM contact k JOIN conversation c ON c.id = k.conversation_id JOIN person p ON p.id = c.person_id "
    "WHERE k.id = $1"};
constexpr Statement kTiesOfConversation{"ties_of_conversation",
                                        "SELECT kind, key FROM participation WHERE conversation_id = $1"};
constexpr Statement kTiesOfContact{
    "ties_of_contact",
    "SELECT kind, key FROM participation WHERE conversation_id = (SELECT conversation_id FROM "
    "contact WHERE id = $1)"};
constexpr Statement kRequestOfConversation{"request_of_conversation",
                                           "SELECT " HAVEN_MESSAGE_COLUMNS
                                           " FROM message m WHERE m.conversation_id = $1 AND m.request_id = $2"};
constexpr Statement kRequestOfContact{
    "request_of_contact", "SELECT " HAVEN_MESSAGE_COLUMNS
                          " FROM message m WHERE m.conversation_id = (SELECT conversation_id FROM contact WHERE id "
                          "= $1) AND m.request_id = $2"};
constexpr Statement kVisitorStands{
    "visitor_stands", "SELECT 1 FROM visitor WHERE token_hash = $1 AND conversation_id = $2 AND expire_time > $3"};
constexpr Statement kOfferedChoice{
    "offered_choice",
    "SELECT choice_titles[array_position(choice_ids, $2::text)] FROM message WHERE "
    "conversation_id = $1 AND choice_ids @> ARRAY[$2::text] ORDER BY sequence DESC LIMIT 1"};

constexpr Statement kInsertPerson{
    "insert_person",
    "INSERT INTO person (id, display_name, language, contact_count, created_time) VALUES ($1, $2, $3, $4, $5)"};
constexpr Statement kUpdatePerson{"update_person", "UPDATE person SET language = $2, contact_count = $3 WHERE id = $1"};
constexpr Statement kInsertConversation{
    "insert_conversation",
    "INSERT INTO conversation (id, person_id, channel, channel_key, page_language, last_sequence, seen, received, "
    "version, "
    "last_agent_id, last_subject, created_time) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, '', '', $8)"};
constexpr Statement kUpdateConversation{
    "update_conversation",
    "UPDATE conversation SET last_sequence = $2, seen = $3, received = $4, version = $5, last_agent_id = $6, "
    "last_agent_time = $7, last_subject = $8 WHERE id = $1"};
constexpr Statement kInsertContact{
    "insert_contact",
    "INSERT INTO contact (id, conversation_id, channel, kind, state, owner, agent_id, epoch, queue, subject, language, "
    "created_time, end_reason, disposition, person_left, last_inbound, handled_through) VALUES ($1, $2, $3, 1, $4, $5, "
    "$6, $7, "
    "$8, $9, $10, $11, 0, '', false, $12, 0)"};
constexpr Statement kUpdateContact{
    "update_contact",
    "UPDATE contact SET state = $2, owner = $3, agent_id = $4, epoch = $5, queue = $6, subject = $7, language = $8, "
    "end_time = "
    "$9, end_reason = $10, disposition = $11, person_left = $12, last_inbound = $13, handled_through = greatest("
    "handled_through, $14) WHERE id = $1"};
constexpr Statement kInsertMessage{"insert_message",
                                   "INSERT INTO message (conversation_id, sequence, id, contact_id, author, author_id, "
                                   "author_name, public_name, kind, text, "
                                   "choice_ids, choice_titles, choice_id, event, created_time, delivery, request_id) "
                                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                                   "$9, $10, $11, $12, $13, $14, $15, $16, $17)"};
constexpr Statement kInsertParticipation{"insert_participation",
                                         "INSERT INTO participation (conversation_id, kind, key, created_time) VALUES "
                                         "($1, $2, $3, $4) ON CONFLICT DO NOTHING"};

template <class E>
std::int64_t Number(E value) {
  return static_cast<std::int64_t>(value);
}

std::optional<std::string> OrNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

Params MessageParams(const Message& m) {
  Params params;
  params.Uuid(m.conversation.value()).Int(m.sequence).Uuid(m.id).OptText(OrNull(m.contact.value()));
  params.Int(Number(m.author)).Text(m.author_user.value()).Text(m.author_name).Text(m.public_name);
  params.Int(Number(m.kind)).Text(m.text);
  if (m.choices.empty()) {
    params.Null().Null();
  } else {
    std::vector<std::string> ids;
    std::vector<std::string> titles;
    for (const Choice& choice : m.choices) {
      ids.push_back(choice.id);
      titles.push_back(choice.title);
    }
    params.TextArray(ids).TextArray(titles);
  }
  params.Text(m.choice_id).Int(Number(m.event)).Time(m.created).Int(Number(m.delivery)).OptText(OrNull(m.request_id));
  return params;
}

}  // namespace

Turn::Turn(Context context, store::Transaction tx)
    : context_(std::move(context)), tx_(std::move(tx)), now_(context_.clock->Now()) {}

async::Task<absl::StatusOr<Turn>> Turn::Begin(Context context, core::Deadline deadline) {
  auto tx = co_await context.database->Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  co_return Turn(std::move(context), *std::move(tx));
}

void Turn::LockConversation(const ConversationId& id) {
  conversation_.id = id;
  locked_ = tx_.Queue(kLockConversation, Params().Uuid(id.value()));
  rest_ = tx_.Queue(kReadOpenContact, Params().Uuid(id.value()));
}

void Turn::LockContact(const ContactId& id) {
  contact_.emplace().id = id;
  locked_ = tx_.Queue(kLockContact, Params().Uuid(id.value()));
  rest_ = tx_.Queue(kReadContact, Params().Uuid(id.value()));
}

void Turn::Create(Conversation conversation, Person person) {
  created_ = true;
  conversation_ = std::move(conversation);
  person_ = std::move(person);
}

void Turn::WithParticipations() {
  ties_ = contact_ ? tx_.Queue(kTiesOfContact, Params().Uuid(contact_->id.value()))
                   : tx_.Queue(kTiesOfConversation, Params().Uuid(conversation_.id.value()));
}

void Turn::WithRequest(const std::string& request_id) {
  request_ = contact_ ? tx_.Queue(kRequestOfContact, Params().Uuid(contact_->id.value()).Uuid(request_id))
                      : tx_.Queue(kRequestOfConversation, Params().Uuid(conversation_.id.value()).Uuid(request_id));
}

void Turn::WithVisitor(const std::string& token_hash) {
  visitor_ = tx_.Queue(kVisitorStands, Params().Bytes(token_hash).Uuid(conversation_.id.value()).Time(now_));
}

void Turn::WithChoice(const std::string& choice_id) {
  choice_ = tx_.Queue(kOfferedChoice, Params().Uuid(conversation_.id.value()).Text(choice_id));
}

void Turn::WithInbox(const std::string& caller, const std::string& aggregate, std::int64_t sequence,
                     std::int64_t previous) {
  inbox_ = store::InboxTurn::Queue(tx_, caller, aggregate, sequence, previous);
}

async::Task<absl::Status> Turn::Read() {
  if (auto status = co_await tx_.Flush(); !status.ok()) co_return status;
  if (locked_.rows().empty() || rest_.rows().empty()) co_return NotFound();
  conversation_ = ReadConversation(locked_.rows(), 0, 0);
  person_ = ReadPerson(rest_.rows(), 0, 0);
  contact_ = ReadContact(rest_.rows(), 0, kPersonColumns);
  if (visitor_ && visitor_->rows().empty()) {
    co_return TokenEnded();
  }
  if (ties_) {
    for (int i = 0; i < ties_->rows().size(); ++i) {
      participations_.push_back({static_cast<Participation::Kind>(ties_->rows().Int(i, 0)), ties_->rows().Text(i, 1)});
    }
  }
  if (choice_ && !choice_->rows().empty()) choice_title_ = choice_->rows().OptText(0, 0);
  if (request_ && !request_->rows().empty()) earlier_ = ReadMessage(request_->rows(), 0, 0);
  co_return absl::OkStatus();
}

const Message& Turn::AddMessage(Message message) {
  message.id = core::NewUuid(*context_.clock, *context_.random);
  message.conversation = conversation_.id;
  message.sequence = ++conversation_.last_sequence;
  message.created = now_;
  if (contact_ && contact_->state == ContactState::kOpen) message.contact = contact_->id;
  if (message.author == AuthorKind::kPerson && contact_) EditContact().last_inbound = message.sequence;
  tx_.Queue(kInsertMessage, MessageParams(message));
  added_.push_back(std::move(message));
  return added_.back();
}

void Turn::OpenContact(std::string language) {
  Contact contact;
  contact.id = ContactId(core::NewUuid(*context_.clock, *context_.random));
  contact.conversation = conversation_.id;
  contact.channel = conversation_.channel;
  contact.state = ContactState::kOpen;
  contact.owner = OwnerKind::kFlow;
  contact.epoch = 1;
  contact.language = std::move(language);
  contact.created = now_;
  contact_ = std::move(contact);
  contact_opened_ = true;
  ++person_.contact_count;
  person_changed_ = true;
}

Contact& Turn::EditContact() {
  contact_changed_ = true;
  return *contact_;
}

void Turn::EndContact(EndReason reason, const UserId& by, std::int64_t handled_through) {
  Message ended;
  ended.author = AuthorKind::kSystem;
  ended.kind = MessageKind::kEvent;
  ended.event = ConversationEvent::kEnded;
  AddMessage(std::move(ended));
  Contact& contact = EditContact();
  contact.state = ContactState::kEnded;
  contact.ended = now_;
  contact.end_reason = reason;
  handled_through_ = handled_through;
  if (reason != EndReason::kCompleted) return;
  conversation_.last_agent = by;
  conversation_.last_agent_time = now_;
  conversation_.last_subject = contact.subject;
}

void Turn::SetPersonLanguage(const std::string& language) {
  person_.language = language;
  person_changed_ = true;
}

bool Turn::MarkSeen(std::int64_t received, std::int64_t seen) {
  const std::int64_t new_seen = std::max(conversation_.seen, std::min(seen, conversation_.last_sequence));
  const std::int64_t new_received =
      std::max({conversation_.received, new_seen, std::min(received, conversation_.last_sequence)});
  seen_changed_ = seen_changed_ || new_seen != conversation_.seen || new_received != conversation_.received;
  conversation_.seen = new_seen;
  conversation_.received = new_received;
  return seen_changed_;
}

void Turn::AddParticipation(const Participation& participation) {
  tx_.Queue(kInsertParticipation,
            Params().Uuid(conversation_.id.value()).Int(Number(participation.kind)).Text(participation.key).Time(now_));
}

void Turn::HandOff(std::string callee, std::string kind, std::string payload) {
  context_.handoffs->Append(tx_, {contact_->id.value(), std::move(callee), std::move(kind), std::move(payload)});
}

bool Turn::ApplyOwner(const Owner& owner, const std::string& agent_name, const std::string& public_name) {
  const OwnerPlan plan = PlanOwner(*contact_, owner);
  if (!plan.applies) return false;
  Apply(owner, &EditContact());
  if (owner.kind == OwnerKind::kAgent) AddParticipation({Participation::Kind::kAgent, owner.agent.value()});
  if (!contact_->queue.empty()) AddParticipation({Participation::Kind::kQueue, contact_->queue});
  if (plan.event == ConversationEvent::kNone) return true;
  Message shown;
  shown.author = AuthorKind::kSystem;
  shown.kind = MessageKind::kEvent;
  shown.event = plan.event;
  if (plan.event == ConversationEvent::kAgentJoined) {
    shown.author_user = owner.agent;
    shown.author_name = agent_name;
    shown.public_name = public_name;
  }
  AddMessage(std::move(shown));
  return true;
}

void Turn::QueueWrites() {
  ++conversation_.version;
  const std::string& id = conversation_.id.value();
  if (created_) {
    tx_.Queue(kInsertPerson, Params()
                                 .Uuid(person_.id.value())
                                 .Text(person_.display_name)
                                 .Text(person_.language)
                                 .Int(person_.contact_count)
                                 .Time(now_));
    tx_.Queue(kInsertConversation, Params()
                                       .Uuid(id)
                                       .Uuid(person_.id.value())
                                       .Int(Number(conversation_.channel))
                                       .Text(conversation_.channel_key)
                                       .Text(conversation_.page_language)
                                       .Int(conversation_.last_sequence)
                                       .Int(conversation_.version)
                                       .Time(now_));
  } else {
    const auto& c = conversation_;
    tx_.Queue(kUpdateConversation, Params()
                                       .Uuid(id)
                                       .Int(c.last_sequence)
                                       .Int(c.seen)
                                       .Int(c.received)
                                       .Int(c.version)
                                       .Text(c.last_agent.value())
                                       .OptTime(c.last_agent_time)
                                       .Text(c.last_subject));
    if (person_changed_) {
      tx_.Queue(kUpdatePerson, Params().Uuid(person_.id.value()).Text(person_.language).Int(person_.contact_count));
    }
  }
  if (contact_opened_) {
    const Contact& k = *contact_;
    tx_.Queue(kInsertContact, Params()
                                  .Uuid(k.id.value())
                                  .Uuid(id)
                                  .Int(Number(k.channel))
                                  .Int(Number(k.state))
                                  .Int(Number(k.owner))
                                  .Text(k.agent.value())
                                  .Int(k.epoch)
                                  .Text(k.queue)
                                  .Text(k.subject)
                                  .Text(k.language)
                                  .Time(k.created)
                                  .Int(k.last_inbound));
  } else if (contact_changed_) {
    const Contact& k = *contact_;
    tx_.Queue(kUpdateContact, Params()
                                  .Uuid(k.id.value())
                                  .Int(Number(k.state))
                                  .Int(Number(k.owner))
                                  .Text(k.agent.value())
                                  .Int(k.epoch)
                                  .Text(k.queue)
                                  .Text(k.subject)
                                  .Text(k.language)
                                  .OptTime(k.ended)
                                  .Int(Number(k.end_reason))
                                  .Text(k.disposition)
                                  .Bool(k.person_left)
                                  .Int(k.last_inbound)
                                  .Int(handled_through_));
  }
}

void Turn::QueueEvents() {
  std::vector<events::v1::Event> events;
  const auto add = [&](events::v1::EventKind kind, std::int64_t sequence) -> events::v1::Event& {
    events::v1::Event& event = events.emplace_back();
    event.set_kind(kind);
    event.set_sequence(sequence);
    event.set_conversation_id(conversation_.id.value());
    if (contact_) {
      event.set_contact_id(contact_->id.value());
      event.set_agent_id(contact_->agent.value());
      event.set_queue(contact_->queue);
      event.set_epoch(contact_->epoch);
    }
    return event;
  };
  for (const Message& message : added_) {
    add(events::v1::EVENT_KIND_MESSAGE_ADDED, message.sequence).set_message_id(message.id);
  }
  if (seen_changed_) add(events::v1::EVENT_KIND_MESSAGE_STATE, conversation_.seen).set_code("read");
  // New messages tell of most changes by themselves.
  if (added_.empty() && (contact_changed_ || person_changed_)) {
    add(events::v1::EVENT_KIND_CONVERSATION_UPDATED, conversation_.version);
  }
  context_.events->Append(tx_, std::move(events));
}

async::Task<absl::Status> Turn::Commit() {
  QueueWrites();
  QueueEvents();
  if (context_.changed) {
    tx_.OnCommit([changed = context_.changed, id = conversation_.id] { changed(id); });
  }
  co_return co_await tx_.Commit();
}

}  // namespace haven::channels
