#pragma once

#include <optional>
#include <string>

#include "services/channels/store/context.h"
#include "services/channels/store/turn.h"

// Visitors of the chat page: their conversations and capability tokens.
namespace haven::channels {

struct ChatStart {
  std::string request_id;
  std::string channel_key;
  std::string language;          // of the page; empty if none of the hub's
  bool language_chosen = false;  // by the person, not guessed
  std::string server_key;        // of the tokens
};

struct StartedChat {
  std::string token;
  ConversationId conversation;
};

// A person, their conversation, its first contact with the flow, and the token. A repeat with the same request id gives
// the same chat until its token is first used; afterwards FAILED_PRECONDITION: a request id overheard later opens
// nothing.
async::Task<absl::StatusOr<StartedChat>> StartChat(Context context, core::Deadline deadline, ChatStart start,
                                                   absl::Duration token_life);

struct Visitor {
  ConversationId conversation;
  PersonId person;
};

// Whom a token stands for; nullopt if it is unknown or has expired. Use prolongs it: written once a day.
async::Task<absl::StatusOr<std::optional<Visitor>>> FindVisitor(Context context, core::Deadline deadline,
                                                                std::string token_hash, absl::Duration token_life);

// Another token for the same chat; the one used ends after `grace`. RESOURCE_EXHAUSTED when there are 8 already.
async::Task<absl::StatusOr<std::string>> RenewToken(Context context, core::Deadline deadline,
                                                    ConversationId conversation, std::string token_hash,
                                                    absl::Duration token_life, absl::Duration grace);

async::Task<absl::Status> RevokeToken(Context context, core::Deadline deadline, std::string token_hash);

// Deletes tokens that have ended; how many.
async::Task<absl::StatusOr<std::int64_t>> SweepVisitors(Context context, core::Deadline deadline);

}  // namespace haven::channels
