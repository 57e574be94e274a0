#pragma once

#include "libs/store/rows.h"
#include "services/channels/domain/types.h"

// Select lists and the readers that belong to them: a reader takes its columns from `first` on, in the list's order.
namespace haven::channels {

#define HAVEN_CONVERSATION_COLUMNS                                                                      \
  "c.id, c.person_id, c.channel, c.channel_key, c.page_language, c.last_sequence, c.seen, c.received, " \
  "c.version, c.last_agent_id, c.last_agent_time, c.last_subject"
inline constexpr int kConversationColumns = 12;
Conversation ReadConversation(const store::Rows& rows, int row, int first);

#define HAVEN_PERSON_COLUMNS "p.id, p.display_name, p.language, p.created_time, p.contact_count"
inline constexpr int kPersonColumns = 5;
Person ReadPerson(const store::Rows& rows, int row, int first);

#define HAVEN_CONTACT_COLUMNS                                                                                   \
  "k.id, k.conversation_id, k.channel, k.state, k.owner, k.agent_id, k.epoch, k.queue, k.subject, k.language, " \
  "k.created_time, k.end_time, k.end_reason, k.disposition, k.person_left, k.last_inbound"
inline constexpr int kContactColumns = 16;
// nullopt where an outer join found none.
std::optional<Contact> ReadContact(const store::Rows& rows, int row, int first);

#define HAVEN_MESSAGE_COLUMNS                                                                                \
  "m.id, m.conversation_id, m.sequence, m.contact_id, m.author, m.author_id, m.author_name, m.public_name, " \
  "m.kind, m.text, m.choice_ids, m.choice_titles, m.choice_id, m.event, m.created_time, m.delivery, m.request_id"
inline constexpr int kMessageColumns = 17;
std::optional<Message> ReadMessage(const store::Rows& rows, int row, int first);

}  // namespace haven::channels
