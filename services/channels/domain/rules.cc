#include "services/channels/domain/rules.h"

#include <algorithm>

namespace haven::channels {
namespace {

bool EndsWithoutReader(EndReason reason) {
  return reason == EndReason::kAbandoned || reason == EndReason::kBlocked || reason == EndReason::kExpired;
}

int Rank(DeliveryState state) {
  switch (state) {
    case DeliveryState::kNone:
      return 0;
    case DeliveryState::kPerhapsSent:
      return 1;
    case DeliveryState::kSent:
      return 2;
    case DeliveryState::kFailed:
      return 3;
    case DeliveryState::kDelivered:
      return 4;
    case DeliveryState::kRead:
      return 5;
  }
  return 0;
}

}  // namespace

InboundPlan PlanInbound(const Conversation& conversation, const std::optional<Contact>& open) {
  InboundPlan plan;
  plan.sequence = conversation.last_sequence + 1;
  plan.opens_contact = !open.has_value();
  plan.steps_flow = !open || open->owner == OwnerKind::kFlow;
  plan.person_returned = open && open->person_left;
  return plan;
}

OwnerPlan PlanOwner(const Contact& contact, const Owner& owner) {
  OwnerPlan plan;
  if (contact.state != ContactState::kOpen || owner.epoch <= contact.epoch) return plan;
  plan.applies = true;
  // Left while the flow had it: the ledger did not exist then.
  plan.tells_left = contact.person_left && contact.owner == OwnerKind::kFlow;
  if (owner.kind == OwnerKind::kAgent) {
    const bool stays = contact.owner == OwnerKind::kAgent && contact.agent == owner.agent;
    plan.event = stays ? ConversationEvent::kNone : ConversationEvent::kAgentJoined;
  } else {
    const bool from_agent = owner.transferred || contact.owner == OwnerKind::kAgent;
    const bool waits_already = contact.owner == OwnerKind::kQueue && !from_agent;
    plan.event = from_agent      ? ConversationEvent::kTransferred
                 : waits_already ? ConversationEvent::kNone
                                 : ConversationEvent::kQueued;
  }
  return plan;
}

void Apply(const Owner& owner, Contact* contact) {
  contact->epoch = owner.epoch;
  contact->owner = owner.kind;
  contact->agent = owner.kind == OwnerKind::kAgent ? owner.agent : UserId();
  if (!owner.queue.empty()) contact->queue = owner.queue;
}

ReplyVerdict JudgeReply(const Contact& contact, const UserId& caller, std::int64_t epoch) {
  if (contact.state != ContactState::kOpen) return ReplyVerdict::kEnded;
  if (epoch < contact.epoch) return ReplyVerdict::kLostRace;
  if (epoch > contact.epoch) return ReplyVerdict::kAskLedger;
  if (contact.owner != OwnerKind::kAgent) return ReplyVerdict::kNobodyHasIt;
  return contact.agent == caller ? ReplyVerdict::kAccept : ReplyVerdict::kNotOwner;
}

ReplyVerdict JudgeByLedger(const Owner& ledger, bool closing, const UserId& caller, std::int64_t epoch) {
  // An epoch that the ledger has not given out is answered like one that has passed: read again.
  if (epoch != ledger.epoch) return ReplyVerdict::kLostRace;
  if (closing) return ReplyVerdict::kEnded;
  if (ledger.kind != OwnerKind::kAgent) return ReplyVerdict::kNobodyHasIt;
  return ledger.agent == caller ? ReplyVerdict::kAccept : ReplyVerdict::kNotOwner;
}

CloseVerdict JudgeClose(const Contact& contact, std::int64_t epoch, std::int64_t handled_through, EndReason reason) {
  if (contact.state != ContactState::kOpen) return CloseVerdict::kAlreadyEnded;
  if (epoch < contact.epoch) return CloseVerdict::kStale;
  if (!EndsWithoutReader(reason) && contact.last_inbound > handled_through) return CloseVerdict::kNewerMessage;
  return CloseVerdict::kClose;
}

DeliveryState Grow(DeliveryState known, DeliveryState reported) {
  return Rank(reported) > Rank(known) ? reported : known;
}

DeliveryState Effective(const Message& message, std::int64_t received, std::int64_t seen) {
  if (message.delivery == DeliveryState::kNone) return DeliveryState::kNone;
  if (message.sequence <= seen) return Grow(message.delivery, DeliveryState::kRead);
  if (message.sequence <= received) return Grow(message.delivery, DeliveryState::kDelivered);
  return message.delivery;
}

std::string ShortCode(const PersonId& id) {
  constexpr char kAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  // FNV-1a: the same in every process and release.
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : id.value()) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  hash ^= hash >> 32;
  std::string code;
  for (int i = 0; i < 4; ++i) {
    code += kAlphabet[hash & 31];
    hash >>= 5;
  }
  return code;
}

}  // namespace haven::channels
