#include "services/channels/store/columns.h"

#include <algorithm>

namespace haven::channels {
namespace {

template <class E>
E Enum(const store::Rows& rows, int row, int column) {
  return static_cast<E>(rows.Int(row, column));
}

}  // namespace

Conversation ReadConversation(const store::Rows& rows, int row, int first) {
  Conversation c;
  int at = first;
  c.id = ConversationId(rows.Text(row, at++));
  c.person = PersonId(rows.Text(row, at++));
  c.channel = Enum<Channel>(rows, row, at++);
  c.channel_key = rows.Text(row, at++);
  c.page_language = rows.Text(row, at++);
  c.last_sequence = rows.Int(row, at++);
  c.seen = rows.Int(row, at++);
  c.received = rows.Int(row, at++);
  c.version = rows.Int(row, at++);
  c.last_agent = UserId(rows.Text(row, at++));
  c.last_agent_time = rows.OptTime(row, at++);
  c.last_subject = rows.Text(row, at++);
  return c;
}

Person ReadPerson(const store::Rows& rows, int row, int first) {
  Person p;
  p.id = PersonId(rows.Text(row, first));
  p.display_name = rows.Text(row, first + 1);
  p.language = rows.Text(row, first + 2);
  p.created = rows.Time(row, first + 3);
  p.contact_count = static_cast<int>(rows.Int(row, first + 4));
  return p;
}

std::optional<Contact> ReadContact(const store::Rows& rows, int row, int first) {
  if (rows.IsNull(row, first)) return std::nullopt;
  Contact k;
  int at = first;
  k.id = ContactId(rows.Text(row, at++));
  k.conversation = ConversationId(rows.Text(row, at++));
  k.channel = Enum<Channel>(rows, row, at++);
  k.state = Enum<ContactState>(rows, row, at++);
  k.owner = Enum<OwnerKind>(rows, row, at++);
  k.agent = UserId(rows.Text(row, at++));
  k.epoch = rows.Int(row, at++);
  k.queue = rows.Text(row, at++);
  k.subject = rows.Text(row, at++);
  k.language = rows.Text(row, at++);
  k.created = rows.Time(row, at++);
  k.ended = rows.OptTime(row, at++);
  k.end_reason = Enum<EndReason>(rows, row, at++);
  k.disposition = rows.Text(row, at++);
  k.person_left = rows.Bool(row, at++);
  k.last_inbound = rows.Int(row, at++);
  return k;
}

std::optional<Message> ReadMessage(const store::Rows& rows, int row, int first) {
  if (rows.IsNull(row, first)) return std::nullopt;
  Message m;
  int at = first;
  m.id = rows.Text(row, at++);
  m.conversation = ConversationId(rows.Text(row, at++));
  m.sequence = rows.Int(row, at++);
  m.contact = ContactId(rows.OptText(row, at++).value_or(""));
  m.author = Enum<AuthorKind>(rows, row, at++);
  m.author_user = UserId(rows.Text(row, at++));
  m.author_name = rows.Text(row, at++);
  m.public_name = rows.Text(row, at++);
  m.kind = Enum<MessageKind>(rows, row, at++);
  m.text = rows.Text(row, at++);
  if (!rows.IsNull(row, at)) {
    auto ids = rows.TextArray(row, at);
    auto titles = rows.TextArray(row, at + 1);
    for (std::size_t i = 0; i < std::min(ids.size(), titles.size()); ++i) {
      m.choices.push_back({std::move(ids[i]), std::move(titles[i])});
    }
  }
  at += 2;
  m.choice_id = rows.Text(row, at++);
  m.event = Enum<ConversationEvent>(rows, row, at++);
  m.created = rows.Time(row, at++);
  m.delivery = Enum<DeliveryState>(rows, row, at++);
  m.request_id = rows.OptText(row, at++).value_or("");
  return m;
}

}  // namespace haven::channels
