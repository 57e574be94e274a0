#pragma once

#include <optional>
#include <string>

#include "services/channels/store/turn.h"

// What agents write.
namespace haven::channels {

// Who writes, as colleagues and the person see them.
struct Author {
  UserId user;
  std::string name;
  std::string public_name;
};

struct ReplyDraft {
  ConversationId conversation;
  ContactId contact;
  std::int64_t epoch = 0;
  Author author;
  Viewer viewer;
  std::string text;  // clean
  std::string request_id;
};

// What the ledger says of a contact's owner.
struct Ledger {
  Owner owner;
  bool closing = false;
};

struct ReplyResult {
  std::optional<Message> message;  // the committed reply, or the first result of a repeated request
  bool ask_ledger = false;         // the epoch is higher than known: nothing was done; ask routing and call again
};

// Step 6 of ADR 1, under the conversation's lock. `ledger` is routing's answer after a first try asked for it; an owner
// that is news from there is applied first, as if `assigned` had landed. Errors: NOT_FOUND for who may not see the
// conversation, ABORTED for a lower epoch, FAILED_PRECONDITION when the contact has ended or nobody has it,
// PERMISSION_DENIED when somebody else has it, ALREADY_EXISTS for a request id of another text.
async::Task<absl::StatusOr<ReplyResult>> Reply(Context context, core::Deadline deadline, ReplyDraft draft,
                                               std::optional<Ledger> ledger);

struct NoteDraft {
  ConversationId conversation;
  Author author;
  Viewer viewer;
  std::string text;
  std::string request_id;
};
async::Task<absl::StatusOr<Message>> AddNote(Context context, core::Deadline deadline, NoteDraft draft);

// Keeps the unsent reply; an empty text removes it. NOT_FOUND for who may not see the conversation.
async::Task<absl::Status> SaveDraft(Context context, core::Deadline deadline, ConversationId conversation,
                                    Viewer viewer, std::string text);

}  // namespace haven::channels
