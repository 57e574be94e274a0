#include "services/channels/domain/rules.h"

#include <catch2/catch.hpp>
#include <set>

namespace haven::channels {
namespace {

Contact Open(OwnerKind owner, std::int64_t epoch, const char* agent = "") {
  Contact contact;
  contact.id = ContactId("c");
  contact.state = ContactState::kOpen;
  contact.owner = owner;
  contact.epoch = epoch;
  contact.agent = UserId(agent);
  return contact;
}

Owner To(OwnerKind kind, std::int64_t epoch, const char* agent = "", bool transferred = false) {
  return {epoch, kind, UserId(agent), "q", transferred};
}

TEST_CASE("A message without an open contact opens one for the flow") {
  Conversation conversation;
  conversation.last_sequence = 7;
  const InboundPlan plan = PlanInbound(conversation, std::nullopt);
  CHECK(plan.sequence == 8);
  CHECK(plan.opens_contact);
  CHECK(plan.steps_flow);
  CHECK_FALSE(plan.person_returned);
}

TEST_CASE("A message steps the flow only while the flow has the contact") {
  const Conversation conversation;
  CHECK(PlanInbound(conversation, Open(OwnerKind::kFlow, 1)).steps_flow);
  CHECK_FALSE(PlanInbound(conversation, Open(OwnerKind::kQueue, 2)).steps_flow);
  const InboundPlan plan = PlanInbound(conversation, Open(OwnerKind::kAgent, 3, "a"));
  CHECK_FALSE(plan.steps_flow);
  CHECK_FALSE(plan.opens_contact);
}

TEST_CASE("A message of somebody who had left brings them back") {
  Contact contact = Open(OwnerKind::kQueue, 2);
  contact.person_left = true;
  CHECK(PlanInbound({}, contact).person_returned);
}

TEST_CASE("Owners apply in order of epoch, whatever order they arrive in") {
  Contact contact = Open(OwnerKind::kFlow, 1);
  const Owner queue = To(OwnerKind::kQueue, 2);
  const Owner agent = To(OwnerKind::kAgent, 3, "a");
  REQUIRE(PlanOwner(contact, agent).applies);
  Apply(agent, &contact);
  CHECK_FALSE(PlanOwner(contact, queue).applies);
  CHECK_FALSE(PlanOwner(contact, agent).applies);
  CHECK(contact.agent == UserId("a"));
  CHECK(contact.queue == "q");
}

TEST_CASE("An ended contact takes no owner") {
  Contact contact = Open(OwnerKind::kFlow, 1);
  contact.state = ContactState::kEnded;
  CHECK_FALSE(PlanOwner(contact, To(OwnerKind::kQueue, 2)).applies);
}

TEST_CASE("Changes of owner are shown to the person as they live them") {
  CHECK(PlanOwner(Open(OwnerKind::kFlow, 1), To(OwnerKind::kQueue, 2)).event == ConversationEvent::kQueued);
  CHECK(PlanOwner(Open(OwnerKind::kQueue, 2), To(OwnerKind::kAgent, 3, "a")).event == ConversationEvent::kAgentJoined);
  CHECK(PlanOwner(Open(OwnerKind::kAgent, 3, "a"), To(OwnerKind::kQueue, 4, "", true)).event ==
        ConversationEvent::kTransferred);
  CHECK(PlanOwner(Open(OwnerKind::kAgent, 3, "a"), To(OwnerKind::kAgent, 4, "b", true)).event ==
        ConversationEvent::kAgentJoined);
  // A message came during wrap-up: the agent gets the contact back and was never away for the person.
  CHECK(PlanOwner(Open(OwnerKind::kAgent, 3, "a"), To(OwnerKind::kAgent, 4, "a", true)).event ==
        ConversationEvent::kNone);
  // Moved from queue to queue.
  CHECK(PlanOwner(Open(OwnerKind::kQueue, 2), To(OwnerKind::kQueue, 3)).event == ConversationEvent::kNone);
}

TEST_CASE("Routing learns of a person who left while the flow had the contact") {
  Contact contact = Open(OwnerKind::kFlow, 1);
  contact.person_left = true;
  CHECK(PlanOwner(contact, To(OwnerKind::kQueue, 2)).tells_left);
  contact.owner = OwnerKind::kQueue;
  contact.epoch = 2;
  CHECK_FALSE(PlanOwner(contact, To(OwnerKind::kAgent, 3, "a")).tells_left);
}

TEST_CASE("Only the owner replies, with its epoch") {
  const Contact contact = Open(OwnerKind::kAgent, 3, "a");
  CHECK(JudgeReply(contact, UserId("a"), 3) == ReplyVerdict::kAccept);
  CHECK(JudgeReply(contact, UserId("a"), 2) == ReplyVerdict::kLostRace);
  CHECK(JudgeReply(contact, UserId("b"), 3) == ReplyVerdict::kNotOwner);
  CHECK(JudgeReply(contact, UserId("b"), 4) == ReplyVerdict::kAskLedger);
  CHECK(JudgeReply(Open(OwnerKind::kQueue, 3), UserId("a"), 3) == ReplyVerdict::kNobodyHasIt);
  Contact ended = contact;
  ended.state = ContactState::kEnded;
  CHECK(JudgeReply(ended, UserId("a"), 3) == ReplyVerdict::kEnded);
}

TEST_CASE("A higher epoch counts if the ledger says so") {
  const Owner ledger = To(OwnerKind::kAgent, 5, "a");
  CHECK(JudgeByLedger(ledger, false, UserId("a"), 5) == ReplyVerdict::kAccept);
  CHECK(JudgeByLedger(ledger, false, UserId("b"), 5) == ReplyVerdict::kNotOwner);
  CHECK(JudgeByLedger(ledger, false, UserId("a"), 4) == ReplyVerdict::kLostRace);
  CHECK(JudgeByLedger(ledger, false, UserId("a"), 6) == ReplyVerdict::kLostRace);
  CHECK(JudgeByLedger(ledger, true, UserId("a"), 5) == ReplyVerdict::kEnded);
  CHECK(JudgeByLedger(To(OwnerKind::kQueue, 5), false, UserId("a"), 5) == ReplyVerdict::kNobodyHasIt);
}

TEST_CASE("A contact closes only when its last message has been seen") {
  Contact contact = Open(OwnerKind::kAgent, 3, "a");
  contact.last_inbound = 10;
  CHECK(JudgeClose(contact, 3, 10, EndReason::kCompleted) == CloseVerdict::kClose);
  CHECK(JudgeClose(contact, 3, 9, EndReason::kCompleted) == CloseVerdict::kNewerMessage);
  CHECK(JudgeClose(contact, 3, 9, EndReason::kFlowEnded) == CloseVerdict::kNewerMessage);
  CHECK(JudgeClose(contact, 2, 10, EndReason::kCompleted) == CloseVerdict::kStale);
  CHECK(JudgeClose(contact, 3, 0, EndReason::kBlocked) == CloseVerdict::kClose);
  CHECK(JudgeClose(contact, 3, 0, EndReason::kExpired) == CloseVerdict::kClose);
  contact.state = ContactState::kEnded;
  CHECK(JudgeClose(contact, 3, 10, EndReason::kCompleted) == CloseVerdict::kAlreadyEnded);
}

TEST_CASE("Delivery only grows, except to failed before arrival") {
  using D = DeliveryState;
  CHECK(Grow(D::kSent, D::kDelivered) == D::kDelivered);
  CHECK(Grow(D::kRead, D::kDelivered) == D::kRead);
  CHECK(Grow(D::kPerhapsSent, D::kSent) == D::kSent);
  CHECK(Grow(D::kSent, D::kPerhapsSent) == D::kSent);
  CHECK(Grow(D::kSent, D::kFailed) == D::kFailed);
  CHECK(Grow(D::kDelivered, D::kFailed) == D::kDelivered);
  CHECK(Grow(D::kRead, D::kFailed) == D::kRead);
}

TEST_CASE("What the device reported is added to what is stored") {
  Message message;
  message.sequence = 5;
  CHECK(Effective(message, 9, 9) == DeliveryState::kNone);
  message.delivery = DeliveryState::kSent;
  CHECK(Effective(message, 4, 4) == DeliveryState::kSent);
  CHECK(Effective(message, 5, 4) == DeliveryState::kDelivered);
  CHECK(Effective(message, 5, 5) == DeliveryState::kRead);
}

TEST_CASE("Short codes are steady and tell people apart") {
  CHECK(ShortCode(PersonId("0193532a-7d5c-7000-8000-000000000001")) ==
        ShortCode(PersonId("0193532a-7d5c-7000-8000-000000000001")));
  std::set<std::string> codes;
  for (int i = 0; i < 200; ++i)
    codes.insert(ShortCode(PersonId("0193532a-7d5c-7000-8000-000000000" + std::to_string(i))));
  CHECK(codes.size() > 195);
  for (const std::string& code : codes) {
    CHECK(code.size() == 4);
    CHECK(code.find_first_of("01IO") == std::string::npos);
  }
}

}  // namespace
}  // namespace haven::channels
