#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "services/channels/domain/types.h"
#include "services/channels/domain/visibility.h"
#include "services/channels/store/context.h"

// Reads. Delivery states of messages are effective ones: what is stored and what the person's device reported.
namespace haven::channels {

struct ConversationView {
  Conversation conversation;
  Person person;
  std::optional<Contact> open_contact;
  std::vector<Participation> participations;
  std::string draft;
};
// NOT_FOUND if there is none; whether the caller may see it is theirs to check. `draft_of` may be empty.
async::Task<absl::StatusOr<ConversationView>> ReadView(Context context, core::Deadline deadline, ConversationId id,
                                                       UserId draft_of);

struct MessageQuery {
  ConversationId conversation;
  std::int64_t after = 0;
  std::int64_t before = 0;  // the newest below it; 0: ascending from `after`
  int limit = 50;
  bool notes = false;
};
struct MessagePage {
  std::vector<Message> messages;  // ascending
  bool has_more = false;          // in the asked direction
};
async::Task<absl::StatusOr<MessagePage>> ReadMessages(Context context, core::Deadline deadline, MessageQuery query);

struct ContactPosition {
  absl::Time created;
  ContactId id;
};
struct ContactPage {
  std::vector<Contact> contacts;  // newest first
  std::optional<ContactPosition> next;
};
async::Task<absl::StatusOr<ContactPage>> ReadContacts(Context context, core::Deadline deadline, ConversationId id,
                                                      int limit, std::optional<ContactPosition> after);

struct Summary {
  Contact contact;
  Conversation conversation;
  Person person;
  std::vector<Message> recent;  // ascending
  std::string draft;
};
// In the order asked, unknown left out. Notes are included where `draft_of` has the contact.
async::Task<absl::StatusOr<std::vector<Summary>>> Describe(Context context, core::Deadline deadline,
                                                           std::vector<ContactId> ids, int recent, UserId draft_of);

struct ReadFrom {
  ConversationId conversation;
  std::int64_t after = 0;
};
// Ascending within each conversation, at most `limit` of each.
async::Task<absl::StatusOr<std::vector<Message>>> ReadMany(Context context, core::Deadline deadline,
                                                           std::vector<ReadFrom> positions, bool notes, int limit);

// What a visitor's stream looks at when something has changed.
struct ChatHead {
  std::int64_t version = 0;
  std::int64_t last_sequence = 0;
  OwnerKind owner = OwnerKind::kNone;  // kNone: no contact is open
  UserId agent;
  bool token_stands = true;
};
// `token_hash` may be empty: not asked.
async::Task<absl::StatusOr<ChatHead>> ReadHead(Context context, core::Deadline deadline, ConversationId id,
                                               std::string token_hash);

struct ConversationVersion {
  ConversationId id;
  std::int64_t version = 0;
};
async::Task<absl::StatusOr<std::vector<ConversationVersion>>> ReadVersions(Context context, core::Deadline deadline,
                                                                           std::vector<ConversationId> ids);

}  // namespace haven::channels
