#include "services/routing/store/engine.h"

#include <catch2/catch.hpp>
#include <map>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "libs/core/error.h"
#include "libs/redis/redis.h"
#include "libs/testing/redis_fixture.h"
#include "services/routing/store/redis_evaluator.h"

// The engine as services use it: on the asynchronous client, with typed answers.
namespace haven::routing {
namespace {

using namespace std::chrono_literals;

const AgentId kAmal("amal"), kBen("ben");
const ChannelId kChat("webchat"), kVoice("voice");
const QueueId kHelp("help");
const ProfileId kProfile("p1");
const Activity kAvailable{"available", true}, kBreak{"break", false};

class OneLane final : public LaneSource {
 public:
  std::optional<LaneSpec> FindLane(const LaneId& lane) const override {
    if (lane.value() != "help|webchat|" && lane.value() != "help|webchat|ar:1,en:2") return std::nullopt;
    LaneSpec spec;
    spec.lane = lane;
    spec.revision = revision;
    spec.queue = kHelp;
    spec.channel = kChat;
    spec.profiles = {profile};
    return spec;
  }
  std::int64_t lane_revision() const override { return revision; }

  std::int64_t revision = 1;
  ProfileId profile = kProfile;
};

// A hub with its engine; two agents are configured, nobody is present.
class Hub {
 public:
  Hub() {
    loop_.Start();
    redis::RedisOptions options;
    options.target = server_.target();
    redis_ = redis::Redis::Create(loop_.executor(), options);
    evaluator_ = std::make_unique<RedisEvaluator>(*redis_);
    engine_ = std::make_unique<Engine>(*evaluator_, clock_, "t", lanes_, [this] { ++woken_; });
    REQUIRE(Wait(redis_->WaitConnected(Soon())).ok());
    server_.Cli({"HSET", "haven:{t}:r:hub", "virtual", "1"});
    for (const AgentId& agent : {kAmal, kBen}) {
      AgentSpec spec;
      spec.agent = agent;
      spec.revision = 1;
      spec.profile = kProfile;
      spec.capacity = {{kChat, 2, {}}};
      REQUIRE(Wait(engine_->UpsertAgent(Soon(), spec)).ok());
    }
    REQUIRE(Wait(engine_->SetReady(Soon(), {"g1", "run1"})).ok());
  }
  ~Hub() {
    // The client belongs to the loop's thread; with the loop at rest it may be closed from this one.
    loop_.Stop();
    redis_.reset();
  }

  template <class T>
  T Wait(async::Task<T> task) {
    return async::BlockOn(loop_, std::move(task));
  }
  static core::Deadline Soon() { return core::Deadline::After(10s); }

  Engine& engine() { return *engine_; }
  haven::testing::RedisFixture& server() { return server_; }
  OneLane& lanes() { return lanes_; }
  void Pass(absl::Duration time) { clock_.Advance(time); }

  LedgerRow Queued(const std::string& contact, std::int64_t epoch = 2, std::int64_t sequence = 1) {
    LedgerRow row;
    row.contact = ContactId(contact);
    row.epoch = epoch;
    row.sequence = sequence;
    row.conversation = ConversationId("v-" + contact);
    row.queue = kHelp;
    row.channel = kChat;
    row.lane = LaneId("help|webchat|");
    row.enqueued_at = Time(1'000s);
    return row;
  }
  ProjectOutcome Project(const LedgerRow& row) {
    const auto outcome = Wait(engine().Project(Soon(), row));
    REQUIRE(outcome.ok());
    return *outcome;
  }
  void SignIn(const AgentId& agent) {
    REQUIRE(Wait(engine().SetActivity(Soon(), agent, kAvailable)).ok());
    REQUIRE(Wait(engine().AssertPresence(Soon(), agent, ConnectionId("feed"), 1, 30s)).value());
  }
  LiveAgent Read(const AgentId& agent) {
    const auto live = Wait(engine().ReadAgent(Soon(), agent));
    REQUIRE(live.ok());
    return *live;
  }
  TickResult Tick() {
    const auto result = Wait(engine().Tick(Soon()));
    REQUIRE(result.ok());
    return *result;
  }

 private:
  haven::testing::RedisFixture server_;
  async::Loop loop_;
  core::ManualClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  OneLane lanes_;
  std::unique_ptr<redis::Redis> redis_;
  std::unique_ptr<RedisEvaluator> evaluator_;
  std::unique_ptr<Engine> engine_;
  int woken_ = 0;
};

errors::v1::Reason ReasonOf(const absl::Status& status) {
  return core::ReasonOf(status).value_or(errors::v1::REASON_UNSPECIFIED);
}

TEST_CASE("Lifecycle_EnqueueOfferAcceptCompleteWrapUpEnd") {
  Hub hub;
  hub.SignIn(kAmal);
  CHECK(hub.Project(hub.Queued("c1")) == ProjectOutcome::kApplied);  // the lane was unknown until now
  LiveAgent amal = hub.Read(kAmal);
  REQUIRE(amal.offers.size() == 1);
  CHECK(amal.present);
  CHECK(amal.activity == kAvailable);
  const LiveOffer offer = amal.offers[0];
  CHECK(offer.conversation == ConversationId("v-c1"));
  CHECK(offer.queue == kHelp);
  CHECK(offer.remaining == 30s);
  CHECK_FALSE(offer.direct);
  CHECK(Reservation::Parse(offer.reservation.ToString()) == offer.reservation);

  const auto ticket = hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), offer.reservation, kAmal));
  REQUIRE(ticket.ok());
  CHECK(ticket->epoch == 2);
  CHECK(ticket->sequence == 1);
  CHECK_FALSE(ticket->confirmed);
  CHECK(hub.Read(kAmal).offers[0].accepting);

  LedgerRow row = hub.Queued("c1", 3, 2);
  row.state = LedgerState::kAssigned;
  row.agent = kAmal;
  CHECK(hub.Project(row) == ProjectOutcome::kApplied);
  CHECK(hub.Project(row) == ProjectOutcome::kSame);
  CHECK(hub.Project(hub.Queued("c1")) == ProjectOutcome::kStale);
  const auto again = hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), offer.reservation, kAmal));
  REQUIRE(again.ok());
  CHECK(again->confirmed);

  row.sequence = 3;
  row.state = LedgerState::kClosing;
  row.wrap_up = WrapUp{kAmal, 3, 120s};
  CHECK(hub.Project(row) == ProjectOutcome::kApplied);
  amal = hub.Read(kAmal);
  REQUIRE(amal.assignments.size() == 1);
  CHECK(amal.assignments[0].wrap_up);
  CHECK(amal.assignments[0].epoch == 3);
  CHECK(amal.assignments[0].remaining == 120s);

  row.sequence = 4;
  row.state = LedgerState::kGone;
  CHECK(hub.Project(row) == ProjectOutcome::kApplied);
  const std::int64_t version = hub.Read(kAmal).version;
  CHECK(hub.Wait(hub.engine().SetWrapUp(Hub::Soon(), {kAmal, 3, 0ms}, ContactId("c1"))).ok());
  CHECK(hub.Wait(hub.engine().SetWrapUp(Hub::Soon(), {kAmal, 3, 0ms}, ContactId("c1"))).ok());
  CHECK(hub.Read(kAmal).assignments.empty());
  CHECK(hub.Read(kAmal).version > version);
}

TEST_CASE("Project_LaneOutsideTheConfiguration_IsRefused") {
  Hub hub;
  LedgerRow row = hub.Queued("c1");
  row.lane = LaneId("gone|webchat|");
  CHECK(ReasonOf(hub.Wait(hub.engine().Project(Hub::Soon(), row)).status()) == errors::v1::REASON_WRONG_STATE);
}

TEST_CASE("Project_RelaxesThroughLanesThatWereUnknown") {
  Hub hub;
  LedgerRow row = hub.Queued("c1");
  row.lane = LaneId("help|webchat|ar:1,en:2");
  row.relax = {{5s, LaneId("help|webchat|")}};
  CHECK(hub.Project(row) == ProjectOutcome::kApplied);
  hub.Pass(absl::Seconds(5));
  hub.Tick();
  CHECK(hub.server().Cli({"ZRANGE", "haven:{t}:r:w:help|webchat|", "0", "-1"}) == "c1");
}

TEST_CASE("Project_LaneOfAnOlderConfiguration_IsRefreshed") {
  Hub hub;
  hub.Project(hub.Queued("c1"));
  hub.SignIn(kAmal);
  CHECK(hub.Read(kAmal).offers.size() == 1);
  hub.Project(hub.Queued("c2"));
  hub.Project(hub.Queued("c3"));  // one too many for Amal
  AgentSpec ben;
  ben.agent = kBen;
  ben.revision = 2;
  ben.profile = ProfileId("p2");
  ben.capacity = {{kChat, 1, {}}};
  REQUIRE(hub.Wait(hub.engine().UpsertAgent(Hub::Soon(), ben)).ok());
  hub.SignIn(kBen);
  CHECK(hub.Read(kBen).offers.empty());
  hub.lanes().revision = 2;
  hub.lanes().profile = ProfileId("p2");
  CHECK(hub.Project(hub.Queued("c3")) == ProjectOutcome::kSame);
  CHECK(hub.Read(kBen).offers.size() == 1);
}

TEST_CASE("AcceptBegin_OfferExpired_LosesTheRace") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Project(hub.Queued("c1"));
  const Reservation reservation = hub.Read(kAmal).offers.at(0).reservation;
  for (int i = 0; i < 4; ++i) {
    hub.Pass(absl::Seconds(8));
    REQUIRE(hub.Wait(hub.engine().AssertPresence(Hub::Soon(), kAmal, ConnectionId("feed"), 2 + i, 30s)).value());
  }
  const TickResult due = hub.Tick();
  REQUIRE(due.effects.size() == 1);
  CHECK(due.effects[0].kind == Effect::Kind::kMissedOffer);
  CHECK(due.effects[0].agent == kAmal);
  const LiveAgent amal = hub.Read(kAmal);
  CHECK(amal.activity.code == kMissedOffer);
  CHECK(amal.activity_version == due.effects[0].activity_version);
  CHECK(amal.offers.empty());
  const auto late = hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), reservation, kAmal));
  CHECK(ReasonOf(late.status()) == errors::v1::REASON_LOST_RACE);
}

TEST_CASE("Tick_WhileAccepting_AsksForTheLedgerAgainAndAgain") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Project(hub.Queued("c1"));
  const Reservation reservation = hub.Read(kAmal).offers.at(0).reservation;
  REQUIRE(hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), reservation, kAmal)).ok());
  for (int i = 0; i < 4; ++i) {
    hub.Pass(absl::Seconds(9));
    const TickResult due = hub.Tick();
    if (i < 3) continue;
    REQUIRE(due.effects.size() == 1);
    CHECK(due.effects[0] == Effect{Effect::Kind::kAcceptCheck, reservation, kAmal, 0});
  }
  CHECK(hub.Tick().effects.empty());  // leased
  hub.Pass(absl::Seconds(5));
  CHECK(hub.Tick().effects.size() == 1);
  CHECK(hub.Wait(hub.engine().AcceptUndo(Hub::Soon(), reservation)).ok());
  hub.Pass(absl::Seconds(5));
  CHECK(hub.Tick().effects.empty());
}

TEST_CASE("Decline_PassesTheContactOn_AndNotBack") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Project(hub.Queued("c1"));
  const Reservation reservation = hub.Read(kAmal).offers.at(0).reservation;
  REQUIRE(hub.Wait(hub.engine().Decline(Hub::Soon(), reservation, kAmal, 60s)).ok());
  CHECK(hub.Read(kAmal).offers.empty());
  CHECK(hub.Read(kAmal).activity == kAvailable);
  hub.SignIn(kBen);
  CHECK(hub.Read(kBen).offers.size() == 1);
  const auto twice = hub.Wait(hub.engine().Decline(Hub::Soon(), reservation, kAmal, 60s));
  CHECK(ReasonOf(twice) == errors::v1::REASON_LOST_RACE);
}

TEST_CASE("Revoke_WhileAccepting_IsTheWrongState") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Project(hub.Queued("c1"));
  const Reservation reservation = hub.Read(kAmal).offers.at(0).reservation;
  REQUIRE(hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), reservation, kAmal)).ok());
  CHECK(ReasonOf(hub.Wait(hub.engine().Revoke(Hub::Soon(), reservation, 0s))) == errors::v1::REASON_WRONG_STATE);
}

TEST_CASE("SetActivity_UnknownAgent_IsNotFound") {
  Hub hub;
  const auto change = hub.Wait(hub.engine().SetActivity(Hub::Soon(), AgentId("nobody"), kAvailable));
  CHECK(ReasonOf(change.status()) == errors::v1::REASON_NOT_FOUND);
  CHECK_FALSE(hub.Read(AgentId("nobody")).known);
}

TEST_CASE("SetActivity_AnswersTheLedgersVersion_AndOlderOnesAreIgnored") {
  Hub hub;
  const auto first = hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kAvailable));
  const auto same = hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kAvailable));
  const auto second = hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kBreak));
  REQUIRE((first.ok() && same.ok() && second.ok()));
  CHECK(same->version == first->version);
  CHECK(second->version > first->version);
  CHECK(hub.Wait(hub.engine().RestoreActivity(Hub::Soon(), kAmal, kAvailable, first->version)).ok());
  CHECK(hub.Read(kAmal).activity == kBreak);
  CHECK(hub.Wait(hub.engine().RestoreActivity(Hub::Soon(), kAmal, kAvailable, second->version + 1)).ok());
  CHECK(hub.Read(kAmal).activity == kAvailable);
}

TEST_CASE("Presence_EndsWithTheLastConnection_AndOffersGoBack") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.Project(hub.Queued("c1"));
  REQUIRE(hub.Wait(hub.engine().AssertPresence(Hub::Soon(), kAmal, ConnectionId("tab"), 7, 30s)).value());
  CHECK_FALSE(hub.Wait(hub.engine().AssertPresence(Hub::Soon(), kAmal, ConnectionId("tab"), 6, 30s)).value());
  CHECK(hub.Wait(hub.engine().ReleasePresence(Hub::Soon(), kAmal, ConnectionId("feed"), 1, 1s)).ok());
  hub.Pass(absl::Seconds(2));
  hub.Tick();
  CHECK(hub.Read(kAmal).present);
  CHECK(hub.Read(kAmal).offers.size() == 1);
  CHECK(hub.Wait(hub.engine().ReleasePresence(Hub::Soon(), kAmal, ConnectionId("tab"), 7, 1s)).ok());
  hub.Pass(absl::Seconds(2));
  hub.Tick();
  CHECK_FALSE(hub.Read(kAmal).present);
  CHECK(hub.Read(kAmal).offers.empty());
  CHECK(hub.server().Cli({"ZRANGE", "haven:{t}:r:w:help|webchat|", "0", "-1"}) == "c1");
}

TEST_CASE("Presence_TooManyConnections_IsRefused") {
  Hub hub;
  for (int i = 0; i <= kMaxConnectionsPerAgent; ++i) {
    const auto held =
        hub.Wait(hub.engine().AssertPresence(Hub::Soon(), kAmal, ConnectionId("tab" + std::to_string(i)), 1, 30s));
    if (i < kMaxConnectionsPerAgent) {
      CHECK(held.ok());
    } else {
      CHECK(ReasonOf(held.status()) == errors::v1::REASON_OVERLOADED);
    }
  }
}

TEST_CASE("Restoring_NothingIsMatchedUntilReady") {
  Hub hub;
  hub.SignIn(kAmal);
  hub.server().Cli({"FLUSHALL"});
  hub.server().Cli({"HSET", "haven:{t}:r:hub", "virtual", "1"});
  CHECK(hub.Wait(hub.engine().ReadGeneration(Hub::Soon()))->value.empty());
  const Reservation unknown{ContactId("c9"), 2, 5};
  CHECK(ReasonOf(hub.Wait(hub.engine().AcceptBegin(Hub::Soon(), unknown, kAmal)).status()) ==
        errors::v1::REASON_RESTORING);
  CHECK(ReasonOf(hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kBreak)).status()) ==
        errors::v1::REASON_RESTORING);
  CHECK(hub.Wait(hub.engine().AcquireReconcile(Hub::Soon(), "one", 30s)).value());
  CHECK_FALSE(hub.Wait(hub.engine().AcquireReconcile(Hub::Soon(), "two", 30s)).value());
  CHECK(hub.Wait(hub.engine().AcquireReconcile(Hub::Soon(), "one", 30s)).value());

  AgentSpec spec;
  spec.agent = kAmal;
  spec.revision = 1;
  spec.profile = kProfile;
  spec.capacity = {{kChat, 2, {}}};
  REQUIRE(hub.Wait(hub.engine().UpsertAgent(Hub::Soon(), spec)).ok());
  REQUIRE(hub.Wait(hub.engine().RestoreActivity(Hub::Soon(), kAmal, kAvailable, 5)).ok());
  hub.Project(hub.Queued("c1"));
  LedgerRow held = hub.Queued("c2", 3, 2);
  held.state = LedgerState::kAssigned;
  held.agent = kAmal;
  hub.Project(held);
  REQUIRE(hub.Wait(hub.engine().AssertPresence(Hub::Soon(), kAmal, ConnectionId("feed"), 9, 30s)).value());
  CHECK(hub.Read(kAmal).offers.empty());
  CHECK(hub.Read(kAmal).assignments.size() == 1);

  REQUIRE(hub.Wait(hub.engine().SetReady(Hub::Soon(), {"g2", "run2"})).ok());
  CHECK(hub.Wait(hub.engine().ReadGeneration(Hub::Soon()))->run_id == "run2");
  CHECK(hub.server().Cli({"GET", "haven:{t}:r:generation"}) == "g2");
  REQUIRE(hub.Wait(hub.engine().SweepAgent(Hub::Soon(), kAmal)).ok());
  CHECK(hub.Read(kAmal).offers.size() == 1);
}

TEST_CASE("ListContacts_PagesThroughEverything") {
  Hub hub;
  for (int i = 0; i < 250; ++i) hub.Project(hub.Queued("c" + std::to_string(i)));
  std::map<std::string, char> seen;
  std::string cursor = "0";
  int pages = 0;
  do {
    const auto page = hub.Wait(hub.engine().ListContacts(Hub::Soon(), cursor, 50));
    REQUIRE(page.ok());
    for (const LiveContact& c : page->contacts) {
      seen[c.contact.value()] = c.state;
      CHECK(c.epoch == 2);
      CHECK(c.sequence == 1);
    }
    cursor = page->next_cursor;
    ++pages;
  } while (cursor != "0" && pages < 100);
  CHECK(seen.size() == 250);
  CHECK(pages > 3);
}

TEST_CASE("Now_OnTheServersClock_MovesForward") {
  Hub hub;
  hub.server().Cli({"HDEL", "haven:{t}:r:hub", "virtual", "raw", "off"});
  hub.SignIn(kAmal);
  const auto change = hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kBreak));
  REQUIRE(change.ok());
  const auto age = absl::Now() - absl::FromUnixMillis(change->since.time_since_epoch().count());
  CHECK(age < absl::Minutes(1));
  CHECK(age > -absl::Minutes(1));
  // As if the server's clock had been an hour ahead at the last reading: time goes on from there.
  const std::int64_t ahead = absl::ToUnixMillis(absl::Now() + absl::Hours(1));
  hub.server().Cli({"HSET", "haven:{t}:r:hub", "raw", std::to_string(ahead), "off", "0"});
  const auto later = hub.Wait(hub.engine().SetActivity(Hub::Soon(), kAmal, kAvailable));
  REQUIRE(later.ok());
  CHECK(later->since.time_since_epoch().count() >= ahead);
  CHECK(later->since.time_since_epoch().count() < ahead + 60'000);
}

}  // namespace
}  // namespace haven::routing
