#include "services/routing/domain/model.h"

#include <catch2/catch.hpp>

#include "services/routing/domain/policy/contact_score.h"

// What the engine promises, one sentence a test. That Redis does the same is the property test's matter.
namespace haven::routing {
namespace {

using namespace std::chrono_literals;

const ChannelId kChat("webchat"), kVoice("voice");
const ProfileId kProfile("p1"), kOther("p2");
const LaneId kLane("help|webchat|"), kCalls("help|voice|"), kArabic("help|webchat|ar:2");
const Activity kAvailable{"available", true}, kBreak{"break", false};
const AgentId kAmal("amal"), kBen("ben"), kCem("cem");

class Hub {
 public:
  Hub() {
    model.SetReady(now);
    Lane(kLane, kChat, {kProfile});
    Lane(kCalls, kVoice, {kProfile});
    Lane(kArabic, kChat, {kOther});
  }

  void Lane(const LaneId& id, const ChannelId& channel, std::vector<ProfileId> profiles) {
    LaneSpec lane;
    lane.lane = id;
    lane.revision = ++revision;
    lane.queue = QueueId("help");
    lane.channel = channel;
    lane.profiles = std::move(profiles);
    REQUIRE(model.UpsertLane(now, lane) == Code::kOk);
  }
  void Agent(const AgentId& id, int chats = 1, const ProfileId& profile = kProfile) {
    AgentSpec agent;
    agent.agent = id;
    agent.revision = ++revision;
    agent.profile = profile;
    agent.capacity = {{kVoice, 1, {kChat}}, {kChat, chats, {kVoice}}};
    std::swap(agent.capacity[0], agent.capacity[1]);
    REQUIRE(model.UpsertAgent(now, agent) == Code::kOk);
  }
  void SignIn(const AgentId& id, int chats = 1, const ProfileId& profile = kProfile) {
    Agent(id, chats, profile);
    model.SetActivity(now, id, kAvailable, 0);
    model.AssertPresence(now, id, ConnectionId("feed"), 1, 1h);
  }
  LedgerRow Queued(const std::string& contact, const LaneId& lane = kLane) {
    LedgerRow row;
    row.contact = ContactId(contact);
    row.epoch = 2;
    row.sequence = 1;
    row.queue = QueueId("help");
    row.channel = lane == kCalls ? kVoice : kChat;
    row.lane = lane;
    row.enqueued_at = now;
    return row;
  }
  void Enqueue(const LedgerRow& row) { REQUIRE(model.Project(now, row) == Code::kOk); }
  void Enqueue(const std::string& contact) {
    Enqueue(Queued(contact));
    Pass(1ms);
  }
  void Pass(Span span) {
    for (; span > 5s; span -= 5s) {
      now += 5s;
      model.Tick(now, 100);
    }
    now += span;
    model.Tick(now, 100);
  }
  const Model::Contact& Contact(const std::string& id) { return model.contacts().at(ContactId(id)); }
  std::string Asked(const std::string& id) {
    const auto& c = Contact(id);
    return c.place == Model::Place::kOffered ? c.agent.value() : "";
  }
  Reservation Offer(const std::string& id) { return {ContactId(id), Contact(id).epoch, Contact(id).reservation}; }
  LedgerRow Assigned(const std::string& id, const AgentId& agent) {
    LedgerRow row = Queued(id);
    row.epoch = Contact(id).epoch + 1;
    row.sequence = Contact(id).sequence + 1;
    row.channel = Contact(id).channel;
    row.state = LedgerState::kAssigned;
    row.agent = agent;
    return row;
  }
  void Accept(const std::string& id) {
    const AgentId agent = Contact(id).agent;
    REQUIRE(model.AcceptBegin(now, Offer(id), agent).code == Code::kOk);
    Enqueue(Assigned(id, agent));
  }
  void Close(const std::string& id, Span wrap_up) {
    LedgerRow row = Assigned(id, Contact(id).agent);
    row.epoch = Contact(id).epoch;
    row.state = LedgerState::kClosing;
    if (wrap_up > 0ms) row.wrap_up = WrapUp{row.agent, row.epoch, wrap_up};
    Enqueue(row);
  }

  Model model;
  Time now{1'790'000'000s};
  std::int64_t revision = 0;
};

TEST_CASE("Contacts_OfOneLane_GoFirstComeFirstServed") {
  Hub hub;
  for (const char* id : {"c1", "c2", "c3"}) hub.Enqueue(id);
  hub.SignIn(kAmal);
  CHECK(hub.Asked("c1") == "amal");
  CHECK(hub.Asked("c2").empty());
}

TEST_CASE("HeadStart_CountsAsTimeWaited") {
  Hub hub;
  hub.Enqueue("old");
  hub.Pass(10s);
  LedgerRow urgent = hub.Queued("urgent");
  urgent.head_start = 9s;
  hub.Enqueue(urgent);
  LedgerRow most = hub.Queued("most");
  most.head_start = 11s;
  hub.Enqueue(most);
  hub.SignIn(kAmal, 2);
  CHECK(hub.Asked("most") == "amal");
  CHECK(hub.Asked("old") == "amal");
  CHECK(hub.Asked("urgent").empty());
}

TEST_CASE("Strict_GoesBeforeAllOthers_UpToTheStatedBound") {
  LedgerRow strict, ordinary;
  strict.strict = true;
  ordinary.head_start = 0s;
  strict.enqueued_at = ordinary.enqueued_at + kStrictBand - 1ms;
  CHECK(ContactScore(strict) < ContactScore(ordinary));
  strict.enqueued_at = ordinary.enqueued_at + kStrictBand + 1ms;
  CHECK(ContactScore(strict) > ContactScore(ordinary));
  strict.enqueued_at = ordinary.enqueued_at + (kStrictBand - kMaxHeadStart) - 1ms;
  ordinary.head_start = std::chrono::hours(48);  // is cut to kMaxHeadStart
  CHECK(ContactScore(strict) < ContactScore(ordinary));
}

TEST_CASE("AgeAdjust_MakesOlder") {
  LedgerRow row;
  const auto score = ContactScore(row);
  row.age_adjust = 5s;
  CHECK(ContactScore(row) == score - 5'000);
}

TEST_CASE("Agents_AreAsked_LeastLoadedFirst_ThenLongestIdle") {
  Hub hub;
  hub.SignIn(kAmal, 2);
  hub.Pass(1s);
  hub.SignIn(kBen, 2);
  hub.Enqueue("c1");
  hub.Enqueue("c2");
  hub.Enqueue("c3");
  CHECK(hub.Asked("c1") == "amal");
  CHECK(hub.Asked("c2") == "ben");
  CHECK(hub.Asked("c3") == "amal");
}

TEST_CASE("Voice_ExcludesChat_AndTheOtherWayRound") {
  Hub hub;
  hub.SignIn(kAmal, 2);
  hub.Enqueue("chat");
  hub.Enqueue(hub.Queued("call", kCalls));
  CHECK(hub.Asked("chat") == "amal");
  CHECK(hub.Asked("call").empty());
  hub.Accept("chat");
  hub.Close("chat", 0ms);
  CHECK(hub.Asked("call") == "amal");
  hub.Enqueue("chat2");
  CHECK(hub.Asked("chat2").empty());
}

TEST_CASE("WrapUp_HoldsTheSlot_UntilItsEndOrTheAgentsWord") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  hub.Accept("c1");
  hub.Enqueue("c2");
  hub.Close("c1", 20s);
  CHECK(hub.Asked("c2").empty());
  hub.Pass(20s);
  CHECK(hub.Asked("c2") == "amal");
  hub.Accept("c2");
  hub.Enqueue("c3");
  hub.Close("c2", 20s);
  CHECK(hub.model.SetWrapUp(hub.now, {kAmal, 3, 0ms}, ContactId("c2")) == Code::kOk);
  CHECK(hub.Asked("c3") == "amal");
}

TEST_CASE("WrapUp_OfAContactThatComesBack_IsOver") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  hub.Accept("c1");
  hub.Close("c1", 20s);
  hub.Enqueue(hub.Assigned("c1", kAmal));  // a newer message
  CHECK(hub.model.agents().at(kAmal).slots.size() == 1);
  CHECK(hub.Contact("c1").epoch == 4);
}

TEST_CASE("Expired_AgentIsSentAway_ContactKeepsItsPlace_OtherOffersReturn") {
  Hub hub;
  hub.SignIn(kAmal, 2);
  hub.Enqueue("c1");
  hub.Pass(5s);
  hub.Enqueue("c2");
  hub.Enqueue("c3");
  const auto score = hub.Contact("c1").score;
  hub.Pass(26s);
  CHECK(hub.model.agents().at(kAmal).activity.code == kMissedOffer);
  CHECK(hub.Contact("c1").place == Model::Place::kLane);
  CHECK(hub.Contact("c1").score == score);
  CHECK(hub.Contact("c2").place == Model::Place::kLane);
  hub.SignIn(kBen);
  CHECK(hub.Asked("c1") == "ben");
}

TEST_CASE("Accepting_IsNotUndoneByItsDeadline") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  REQUIRE(hub.model.AcceptBegin(hub.now, hub.Offer("c1"), kAmal).code == Code::kOk);
  hub.Pass(2min);
  CHECK(hub.Contact("c1").place == Model::Place::kAccepting);
  CHECK(hub.model.Decline(hub.now, hub.Offer("c1"), kAmal, 0s) == Code::kWrongState);
  CHECK(hub.model.AcceptUndo(hub.now, hub.Offer("c1")) == Code::kOk);
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Accept_TwoAgents_TheLedgersWordRevokesTheOther") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  REQUIRE(hub.model.AcceptBegin(hub.now, hub.Offer("c1"), kAmal).code == Code::kOk);
  hub.SignIn(kBen);
  hub.Enqueue(hub.Assigned("c1", kBen));
  CHECK(hub.Contact("c1").agent == kBen);
  CHECK(hub.model.agents().at(kAmal).slots.empty());
  CHECK(hub.model.AcceptBegin(hub.now, {ContactId("c1"), 2, hub.Contact("c1").reservation}, kAmal).code ==
        Code::kLostRace);
}

TEST_CASE("Declined_GoesToTheNext_AndBackOnlyAfterTheHold") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  hub.Enqueue("c2");
  REQUIRE(hub.model.Decline(hub.now, hub.Offer("c1"), kAmal, 20s) == Code::kOk);
  CHECK(hub.Asked("c2") == "amal");  // looked at behind the barred head
  hub.Accept("c2");
  hub.Close("c2", 0ms);
  CHECK(hub.Asked("c1").empty());
  hub.Pass(20s);
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Holds_TheNinth_EndsTheOldest") {
  Hub hub;
  hub.Enqueue("c1");
  for (int i = 0; i < kMaxHoldsPerContact + 1; ++i) {
    const AgentId agent("agent" + std::to_string(i));
    hub.SignIn(agent);
    REQUIRE(hub.Asked("c1") == agent.value());
    REQUIRE(hub.model.Decline(hub.now, hub.Offer("c1"), agent, 1h) == Code::kOk);
  }
  CHECK(hub.Asked("c1") == "agent0");
}

TEST_CASE("LastAgent_IsPreferredForAWhile") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.SignIn(kBen);
  hub.Enqueue("busy");
  REQUIRE(hub.Asked("busy") == "amal");
  LedgerRow row = hub.Queued("c1");
  row.preference = Preference{kAmal, 15s, false};
  hub.Enqueue(row);
  CHECK(hub.Asked("c1").empty());
  CHECK(hub.Contact("c1").place == Model::Place::kInbox);
  hub.Pass(15s);
  CHECK(hub.Asked("c1") == "ben");
}

TEST_CASE("LastAgent_WhoIsAway_IsSkipped_ButATransferWaits") {
  Hub hub;
  hub.Agent(kAmal);
  hub.SignIn(kBen);
  LedgerRow row = hub.Queued("c1");
  row.preference = Preference{kAmal, 15s, false};
  hub.Enqueue(row);
  CHECK(hub.Asked("c1") == "ben");
  row = hub.Queued("c2");
  row.preference = Preference{kAmal, 15s, true};
  hub.Enqueue(row);
  hub.SignIn(kCem);
  CHECK(hub.Asked("c2").empty());
  hub.SignIn(kAmal);
  CHECK(hub.Asked("c2") == "amal");
}

TEST_CASE("Transfer_ToTheQueue_AvoidsTheOneWhoGaveItAway") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  hub.Accept("c1");
  LedgerRow row = hub.Queued("c1");
  row.epoch = 4;
  row.sequence = 3;
  row.holds = {{kAmal, 1min}};
  hub.Enqueue(row);
  CHECK(hub.Contact("c1").place == Model::Place::kLane);
  hub.SignIn(kBen);
  CHECK(hub.Asked("c1") == "ben");
}

TEST_CASE("Requirement_Relaxes_TheContactKeepsItsAge") {
  Hub hub;
  LedgerRow row = hub.Queued("c1", kArabic);
  row.relax = {{10s, kLane}};
  hub.Enqueue(row);
  hub.Pass(1s);
  hub.Enqueue("c2");
  hub.Pass(9s);
  CHECK(hub.Contact("c1").lane == kLane);
  hub.SignIn(kAmal);
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Left_IsMarkedAndStays_Reprioritised_KeepsItsOffer") {
  Hub hub;
  hub.Enqueue("c1");
  LedgerRow row = hub.Queued("c1");
  row.sequence = 2;
  row.left = true;
  hub.Enqueue(row);
  CHECK(hub.Contact("c1").left);
  CHECK(hub.Contact("c1").place == Model::Place::kLane);
  hub.SignIn(kAmal);
  row.sequence = 3;
  row.head_start = 1min;
  hub.Enqueue(row);
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Abandoned_LeavesATombstone_ThatForgetsAfterTenMinutes") {
  Hub hub;
  hub.Enqueue(hub.Queued("c1", kCalls));
  LedgerRow row = hub.Queued("c1", kCalls);
  row.sequence = 2;
  row.state = LedgerState::kGone;
  hub.Enqueue(row);
  CHECK(hub.model.Project(hub.now, hub.Queued("c1", kCalls)) == Code::kStale);
  hub.Pass(kTombstone - 1s);
  CHECK(hub.model.contacts().size() == 1);
  hub.Pass(1s);
  CHECK(hub.model.contacts().empty());
}

TEST_CASE("Break_OffersReturn_WhatIsAssignedStays") {
  Hub hub;
  hub.SignIn(kAmal, 2);
  hub.Enqueue("c1");
  hub.Accept("c1");
  hub.Enqueue("c2");
  hub.model.SetActivity(hub.now, kAmal, kBreak, 0);
  CHECK(hub.Contact("c1").place == Model::Place::kAssigned);
  CHECK(hub.Contact("c2").place == Model::Place::kLane);
}

TEST_CASE("Skills_NewProfileOfALane_IsMatchedAtOnce") {
  Hub hub;
  hub.SignIn(kAmal, 1, kOther);
  hub.Enqueue("c1");
  CHECK(hub.Asked("c1").empty());
  hub.Lane(kLane, kChat, {kProfile, kOther});
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Capacity_Cut_KeepsWhatIsHeld_AndAddsNothing") {
  Hub hub;
  hub.SignIn(kAmal, 2);
  hub.Enqueue("c1");
  hub.Enqueue("c2");
  hub.Accept("c1");
  hub.Accept("c2");
  hub.Agent(kAmal, 1);
  hub.Enqueue("c3");
  hub.Close("c1", 0ms);
  CHECK(hub.Asked("c3").empty());
  hub.Close("c2", 0ms);
  CHECK(hub.Asked("c3") == "amal");
}

TEST_CASE("Clock_BackOrFarForward_TimeStandsStill") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Enqueue("c1");
  const auto before = hub.model.now();
  hub.model.Tick(hub.now - 1h, 10);
  CHECK(hub.model.now() == before);
  hub.model.Tick(hub.now - 1h + 3s, 10);
  CHECK(hub.model.now() == before + 3'000);
  hub.model.Tick(hub.now + 5h, 10);
  CHECK(hub.model.now() == before + 3'000);
  CHECK(hub.Asked("c1") == "amal");
}

TEST_CASE("Reservation_Parse_TakesOnlyItsOwnForm") {
  const Reservation r{ContactId("0190-ab"), 3, 1'790'000'000'000};
  CHECK(Reservation::Parse(r.ToString()) == r);
  for (const char* bad : {"", "a", "a:1", ":1:2", "a:1:", "a::2", "a:x:2", "a:1:-2", "a:1:99999999999999999"}) {
    CHECK_FALSE(Reservation::Parse(bad).has_value());
  }
}

}  // namespace
}  // namespace haven::routing
