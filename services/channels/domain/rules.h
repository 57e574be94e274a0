#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/channels/domain/types.h"

// What may happen to a conversation and its contact, as pure functions on rows read under the conversation's lock
// (docs/adr/0001-life-of-a-contact.md).
namespace haven::channels {

// --- A message of the person ---------------------------------------------------------------------------------------

struct InboundPlan {
  std::int64_t sequence = 0;
  bool opens_contact = false;    // no message contact of this channel is open
  bool steps_flow = false;       // a flow has the contact, or begins with it
  bool person_returned = false;  // had left the page
};
InboundPlan PlanInbound(const Conversation& conversation, const std::optional<Contact>& open);

// --- Owners ---------------------------------------------------------------------------------------------------------

struct Owner {
  std::int64_t epoch = 0;
  OwnerKind kind = OwnerKind::kNone;
  UserId agent;
  std::string queue;
  bool transferred = false;  // the owner before was an agent
};

struct OwnerPlan {
  bool applies = false;                                // false: older than what is known, or the contact has ended
  ConversationEvent event = ConversationEvent::kNone;  // to be shown in the conversation, if any
  bool tells_left = false;                             // routing must learn that the person has left
};
// An owner of the ledger meets the contact. An agent who gets a contact back that was never with anybody else causes no
// event: for the person nothing has changed.
OwnerPlan PlanOwner(const Contact& contact, const Owner& owner);
void Apply(const Owner& owner, Contact* contact);

// --- Replies --------------------------------------------------------------------------------------------------------

enum class ReplyVerdict {
  kAccept,
  kLostRace,     // a lower epoch: somebody else has it, or had it since
  kAskLedger,    // a higher epoch: `assigned` has not landed yet
  kNotOwner,     // the epoch is right, the caller is not
  kNobodyHasIt,  // the epoch is right, but flow or queue has it
  kEnded,
};
ReplyVerdict JudgeReply(const Contact& contact, const UserId& caller, std::int64_t epoch);
// After the ledger has been asked: may the caller speak with this epoch?
ReplyVerdict JudgeByLedger(const Owner& ledger, bool closing, const UserId& caller, std::int64_t epoch);

// --- Endings --------------------------------------------------------------------------------------------------------

enum class CloseVerdict {
  kClose,
  kNewerMessage,  // a message came that the closer has not seen: the contact stays open
  kAlreadyEnded,
  kStale,  // an older owner's wish
};
// Reasons that end without a reader close whatever has come.
CloseVerdict JudgeClose(const Contact& contact, std::int64_t epoch, std::int64_t handled_through, EndReason reason);

// --- Delivery -------------------------------------------------------------------------------------------------------

// Delivery only grows (perhaps sent < sent < delivered < read), except to FAILED, from where nothing arrived yet. The
// later state if it is allowed, else the earlier.
DeliveryState Grow(DeliveryState known, DeliveryState reported);
// What is shown of an outgoing message, given what the person's device has reported.
DeliveryState Effective(const Message& message, std::int64_t received, std::int64_t seen);

// --- Names ----------------------------------------------------------------------------------------------------------

// Four letters and digits derived from a person's id, none of them easily misread. Different for most people, not for
// all.
std::string ShortCode(const PersonId& id);

}  // namespace haven::channels
