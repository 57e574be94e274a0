#pragma once

#include <string>

#include "services/channels/store/turn.h"

// What the person does, each as one transaction on the conversation.
namespace haven::channels {

struct InboundMessage {
  ConversationId conversation;
  std::string token_hash;  // of the visitor who writes; empty: somebody else has checked
  std::string text;        // clean
  std::string choice_id;
  std::string request_id;
};

// Steps 1 of ADR 1: the message, the contact if none is open, the hand-off to the flow if it has the contact, the
// events. OK: durable. A repeated request id gives the first result; ALREADY_EXISTS if it belongs to another text.
// INVALID_ARGUMENT for a choice without text that was never offered.
async::Task<absl::StatusOr<Message>> TakeMessage(Context context, core::Deadline deadline, InboundMessage inbound);

// The person has left the page. Nothing ends; whoever has the contact sees it.
async::Task<absl::Status> PersonLeft(Context context, core::Deadline deadline, ConversationId conversation);

// The person's device has got and shown messages up to here. Never goes back, never beyond the newest message.
async::Task<absl::Status> ReportSeen(Context context, core::Deadline deadline, ConversationId conversation,
                                     std::int64_t received, std::int64_t seen);

// Queues the flow's step for a message of the contact of `turn`.
void HandOffStep(const Context& context, Turn* turn, const Message& message, bool start);
// Queues what routing must know of a person who left or came back, if routing has the contact.
void HandOffLeft(Turn* turn, bool returned);

}  // namespace haven::channels
