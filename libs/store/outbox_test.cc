#include "libs/store/outbox.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "haven/errors/v1/errors.pb.h"
#include "libs/store/inbox.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

// Stands for the callee: notes what comes, answers as told. Lives on the loop.
struct Callee {
  std::vector<std::string> calls;                            // "aggregate/sequence/previous"
  std::map<std::string, std::vector<absl::Status>> answers;  // by "aggregate/sequence", used up one by one; then OK
  std::map<std::string, int> in_flight;
  int most_in_flight_of_one = 0;
  async::Notifier changed;
  bool hold = false;

  static std::string Name(const OutboxRow& row) { return row.aggregate + "/" + std::to_string(row.sequence); }
  static async::Task<absl::Status> Handle(Callee* self, core::Deadline, OutboxRow row) {
    self->most_in_flight_of_one = std::max(self->most_in_flight_of_one, ++self->in_flight[row.aggregate]);
    self->calls.push_back(Name(row) + "/" + std::to_string(row.previous));
    self->changed.NotifyAll();
    co_await async::Yield();
    while (self->hold) co_await self->changed.Wait(Soon());
    --self->in_flight[row.aggregate];
    auto& left = self->answers[Name(row)];
    if (left.empty()) co_return absl::OkStatus();
    const auto status = left.front();
    left.erase(left.begin());
    co_return status;
  }
  HandoffKind Kind() {
    return {[this](core::Deadline d, OutboxRow row) { return Handle(this, d, std::move(row)); }, nullptr};
  }
};

async::Task<bool> WaitFor(std::function<bool()> condition) {
  const auto deadline = Soon();
  while (!condition() && !deadline.Expired()) co_await async::Sleep(1ms);
  co_return condition();
}

async::Task<absl::Status> AppendOne(Database* db, Dispatcher* dispatcher, std::vector<Handoff> handoffs) {
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  for (auto& handoff : handoffs) {
    if (dispatcher) {
      dispatcher->Append(*tx, std::move(handoff));
    } else {
      AppendHandoff(*tx, std::move(handoff));
    }
  }
  co_return co_await tx->Commit();
}

// A schema with a dispatcher and a callee on one loop.
class Harness {
 public:
  explicit Harness(DispatcherOptions options = {}) { Make(std::move(options)); }
  ~Harness() {
    service_.Run(dispatcher_->Drain(Soon()));
    OnLoop(service_.loop(), [&] { dispatcher_.reset(); });
  }

  void Make(DispatcherOptions options) {
    OnLoop(service_.loop(), [&] {
      dispatcher_ = std::make_unique<Dispatcher>(service_.db(), options);
      dispatcher_->Register("work", callee.Kind());
      if (refused) dispatcher_->Register("may_fail", {callee.Kind().deliver, refused});
    });
  }
  void Start() {
    OnLoop(service_.loop(), [&] { dispatcher_->Start(); });
  }
  absl::Status Append(std::vector<Handoff> handoffs) {
    return service_.Run(AppendOne(&service_.db(), dispatcher_.get(), std::move(handoffs)));
  }
  bool Wait(std::function<bool()> condition) { return service_.Run(WaitFor(std::move(condition))); }
  bool WaitEmpty() {
    const auto deadline = Soon();
    while (pg.Exec("SELECT count(*) FROM svc.outbox") != "0") {
      if (deadline.Expired()) return false;
      std::this_thread::yield();
    }
    return true;
  }
  Service& service() { return service_; }
  Dispatcher& dispatcher() { return *dispatcher_; }

  testing::PostgresFixture pg;
  RecordedMetrics metrics;
  Callee callee;
  std::function<async::Task<absl::Status>(Transaction&, OutboxRow, absl::Status)> refused;

 private:
  DatabaseOptions Options() {
    pg.Migrate({"svc"});
    DatabaseOptions options;
    options.dsn = pg.dsn();
    options.schema = "svc";
    options.role = "haven_svc";
    return options;
  }
  Service service_{Options(), &metrics};
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_CASE("Outbox_DeliversAtOnceAndInOrder_ThenDeletes") {
  DispatcherOptions slow_poll;
  slow_poll.poll_interval = 1h;  // so that only the hook can deliver
  Harness h(slow_poll);
  h.Start();
  REQUIRE(h.Append({{"a", "x", "work", "1"}, {"a", "x", "work", "2"}, {"b", "x", "work", "3"}}).ok());
  REQUIRE(h.Append({{"a", "x", "work", "4"}}).ok());
  REQUIRE(h.WaitEmpty());
  std::vector<std::string> of_a;
  for (const auto& call : h.callee.calls) {
    if (call[0] == 'a') of_a.push_back(call);
  }
  CHECK(of_a == std::vector<std::string>{"a/1/0", "a/2/1", "a/3/2"});
  CHECK(h.metrics.counts["haven_store_handoffs_total/work"] == 4);
}

TEST_CASE("Outbox_SequenceIsDensePerCallee_OrderIsPerAggregate") {
  DispatcherOptions slow_poll;
  slow_poll.poll_interval = 1h;
  Harness h(slow_poll);
  h.Start();
  REQUIRE(
      h.Append({{"a", "x", "work", ""}, {"a", "y", "work", ""}, {"a", "x", "work", ""}, {"a", "y", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"a/1/0", "a/1/0", "a/2/1", "a/2/1"});
  CHECK(h.callee.most_in_flight_of_one == 1);
}

TEST_CASE("Outbox_RolledBack_LeavesNoGap") {
  Harness h;
  h.Start();
  const auto dropped = [](Database* db, Dispatcher* d) -> async::Task<absl::Status> {
    auto tx = co_await db->Begin(Soon());
    d->Append(*tx, {"a", "x", "work", ""});
    co_return co_await tx->Flush();
  };
  REQUIRE(h.service().Run(dropped(&h.service().db(), &h.dispatcher())).ok());
  REQUIRE(h.Append({{"a", "x", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"a/1/0"});
}

TEST_CASE("Outbox_AppendedWithoutDispatcher_IsFoundByPolling") {
  DispatcherOptions options;
  options.poll_interval = 20ms;
  Harness h(options);
  REQUIRE(
      h.service().Run(AppendOne(&h.service().db(), nullptr, {{"a", "x", "work", ""}, {"a", "x", "work", ""}})).ok());
  h.Start();
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"a/1/0", "a/2/1"});
}

TEST_CASE("Outbox_PassingFailures_AreRepeatedInOrder") {
  Harness h;
  h.callee.answers["a/1"] = {absl::AbortedError("busy"), absl::ResourceExhaustedError("full"),
                             absl::UnavailableError("away"), absl::DeadlineExceededError("slow")};
  h.Start();
  REQUIRE(h.Append({{"a", "x", "work", ""}, {"a", "x", "work", ""}, {"b", "x", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  // Five tries of the first, none of the second before; the other aggregate did not wait.
  std::vector<std::string> of_a;
  for (const auto& call : h.callee.calls) {
    if (call[0] == 'a') of_a.push_back(call);
  }
  CHECK(of_a == std::vector<std::string>{"a/1/0", "a/1/0", "a/1/0", "a/1/0", "a/1/0", "a/2/1"});
  CHECK(h.metrics.counts["haven_store_handoff_retries_total/work"] == 4);
}

TEST_CASE("Outbox_CalleeAway_IsProbedByOneRow_ThenAllGo") {
  DispatcherOptions options;
  options.max_backoff = 100ms;
  Harness h(options);
  // Away until told otherwise.
  bool away = true;
  int calls = 0, most_parallel = 0, parallel = 0;
  const auto answer = [&](core::Deadline, OutboxRow) -> async::Task<absl::Status> {
    return [](bool* away, int* calls, int* parallel, int* most) -> async::Task<absl::Status> {
      ++*calls;
      *most = std::max(*most, ++*parallel);
      co_await async::Sleep(1ms);
      --*parallel;
      co_return *away ? absl::UnavailableError("away") : absl::OkStatus();
    }(&away, &calls, &parallel, &most_parallel);
  };
  OnLoop(h.service().loop(), [&] { h.dispatcher().Register("other", {answer, nullptr}); });
  h.Start();
  std::vector<Handoff> many;
  for (int i = 0; i < 200; ++i) many.push_back({"c" + std::to_string(i), "x", "other", ""});
  REQUIRE(h.Append(many).ok());
  REQUIRE(h.Wait([&] { return h.metrics.notes.size() == 1; }));
  CHECK(h.metrics.notes[0] == std::pair<std::string, std::string>("handoff_callee_away", "x"));
  // Once closed: one at a time.
  REQUIRE(h.Wait([&] { return parallel <= 1; }));
  OnLoop(h.service().loop(), [&] { most_parallel = calls = 0; });
  REQUIRE(h.Wait([&] { return calls >= 3; }));
  CHECK(most_parallel == 1);
  OnLoop(h.service().loop(), [&] { away = false; });
  REQUIRE(h.WaitEmpty());
  CHECK(h.metrics.counts["haven_store_handoffs_total/other"] == 200);
}

async::Task<absl::Status> FallBack(Transaction* tx, Dispatcher* dispatcher, OutboxRow row) {
  dispatcher->Append(*tx, {row.aggregate, "y", "work", "fall-back of " + std::to_string(row.sequence)});
  co_return absl::OkStatus();
}

TEST_CASE("Outbox_RefusedForGood_TakesItsFallBackAndMendsTheChain") {
  DispatcherOptions slow_poll;
  slow_poll.poll_interval = 1h;
  Harness h(slow_poll);
  OnLoop(h.service().loop(), [&] {
    h.dispatcher().Register("may_fail", {h.callee.Kind().deliver, [&h](Transaction& tx, OutboxRow row, absl::Status) {
                                           return FallBack(&tx, &h.dispatcher(), std::move(row));
                                         }});
  });
  h.callee.answers["a/2"] = {absl::NotFoundError("no such flow")};
  h.callee.answers["a/3"] = {absl::FailedPreconditionError("wrong state")};
  h.Start();
  REQUIRE(h.Append({{"a", "x", "may_fail", ""},
                    {"a", "x", "may_fail", ""},
                    {"a", "x", "may_fail", ""},
                    {"a", "x", "may_fail", ""}})
              .ok());
  REQUIRE(h.WaitEmpty());
  // The fourth follows the first; the fall-backs go to y, behind what was there.
  CHECK(h.callee.calls == std::vector<std::string>{"a/1/0", "a/2/1", "a/3/1", "a/4/1", "a/1/0", "a/2/1"});
  // The last of a chain refused: the next one written skips it, too.
  h.callee.answers["a/5"] = {absl::InvalidArgumentError("no")};
  REQUIRE(h.Append({{"a", "x", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  REQUIRE(h.Append({{"a", "x", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls.back() == "a/6/4");
  CHECK(h.pg.Exec("SELECT string_agg(sequence || ':' || code, ',' ORDER BY sequence) FROM svc.outbox_refused") ==
        "2:NOT_FOUND,3:FAILED_PRECONDITION,5:INVALID_ARGUMENT");
  CHECK(h.metrics.counts["haven_store_handoff_refused_total/may_fail"] == 2);
}

TEST_CASE("Outbox_BugsOfTheCallee_AreRefusedAfterMaxAttempts") {
  DispatcherOptions options;
  options.max_attempts = 3;
  options.min_backoff = 1ms;
  Harness h(options);
  h.callee.answers["a/1"] = std::vector<absl::Status>(10, absl::InternalError("bug"));
  h.Start();
  REQUIRE(h.Append({{"a", "x", "work", ""}, {"a", "x", "work", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"a/1/0", "a/1/0", "a/1/0", "a/2/0"});
}

TEST_CASE("Outbox_FallBackFails_RowStaysAndIsTriedAgain") {
  Harness h;
  int tries = 0;
  OnLoop(h.service().loop(), [&] {
    h.dispatcher().Register("may_fail", {h.callee.Kind().deliver, [&](Transaction&, OutboxRow, absl::Status) {
                                           return Called<absl::Status>([&] {
                                             return ++tries < 3 ? absl::UnavailableError("not now") : absl::OkStatus();
                                           });
                                         }});
  });
  h.callee.answers["a/1"] = std::vector<absl::Status>(3, absl::NotFoundError("no"));
  h.Start();
  REQUIRE(h.Append({{"a", "x", "may_fail", ""}}).ok());
  REQUIRE(h.WaitEmpty());
  CHECK(tries == 3);
  CHECK(h.pg.Exec("SELECT count(*) FROM svc.outbox_refused") == "1");
}

TEST_CASE("Outbox_LeaseOfADeadProcess_IsTakenOverWhenItLapses") {
  DispatcherOptions options;
  options.poll_interval = 20ms;
  Harness h(options);
  REQUIRE(
      h.service().Run(AppendOne(&h.service().db(), nullptr, {{"a", "x", "work", ""}, {"a", "x", "work", ""}})).ok());
  h.pg.Exec("UPDATE svc.outbox SET owner = 'dead', due_time = now() + interval '1 hour'");
  h.Start();
  REQUIRE(h.Append({{"b", "x", "work", ""}}).ok());
  REQUIRE(h.Wait([&] { return !h.callee.calls.empty(); }));
  CHECK(h.callee.calls == std::vector<std::string>{"b/1/0"});
  h.pg.Exec("UPDATE svc.outbox SET due_time = now() WHERE sequence = 1");
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"b/1/0", "a/1/0", "a/2/1"});
}

TEST_CASE("Outbox_RestartUnderTheSameName_TakesItsRowsUpAtOnce") {
  DispatcherOptions options;
  options.instance = "single";
  options.poll_interval = 1h;
  Harness h(options);
  REQUIRE(h.service().Run(AppendOne(&h.service().db(), nullptr, {{"a", "x", "work", ""}})).ok());
  h.pg.Exec("UPDATE svc.outbox SET owner = 'single', due_time = now() + interval '1 hour'");
  h.Start();
  CHECK(h.WaitEmpty());
}

TEST_CASE("Outbox_ForeignRowPending_NewRowIsLeftToItsHolder") {
  DispatcherOptions options;
  options.poll_interval = 20ms;
  Harness h(options);
  REQUIRE(h.service().Run(AppendOne(&h.service().db(), nullptr, {{"a", "x", "work", ""}})).ok());
  h.pg.Exec("UPDATE svc.outbox SET owner = 'sibling', due_time = now() + interval '1 hour'");
  h.Start();
  REQUIRE(h.Append({{"a", "x", "work", ""}}).ok());
  REQUIRE(h.Append({{"b", "x", "work", ""}}).ok());
  REQUIRE(h.Wait([&] { return !h.callee.calls.empty(); }));
  CHECK(h.pg.Exec("SELECT string_agg(owner, ',' ORDER BY position) FROM svc.outbox WHERE aggregate = 'a'") ==
        "sibling,");
  h.pg.Exec("DELETE FROM svc.outbox WHERE owner = 'sibling'");  // the sibling has delivered it
  REQUIRE(h.WaitEmpty());
  CHECK(h.callee.calls == std::vector<std::string>{"b/1/0", "a/2/1"});
}

TEST_CASE("Outbox_NoRoomInMemory_RestIsFoundInTheTable") {
  DispatcherOptions options;
  options.max_held = 8;
  options.concurrency = 2;
  options.lease = 300ms;
  options.delivery_timeout = 100ms;
  options.poll_interval = 20ms;
  Harness h(options);
  h.Start();
  std::vector<Handoff> many;
  for (int i = 0; i < 100; ++i) many.push_back({i % 2 ? "a" : "c" + std::to_string(i), "x", "work", ""});
  REQUIRE(h.Append(many).ok());
  REQUIRE(h.WaitEmpty());
  std::vector<std::string> of_a;
  for (const auto& call : h.callee.calls) {
    if (call.rfind("a/", 0) == 0) of_a.push_back(call);
  }
  REQUIRE(of_a.size() >= 50);
  CHECK(h.callee.most_in_flight_of_one == 1);
  CHECK(h.dispatcher().held() == 0);
}

TEST_CASE("Outbox_Drain_FinishesWhatIsInFlightAndGivesUpTheRest") {
  DispatcherOptions options;
  options.concurrency = 1;
  Harness h(options);
  h.callee.hold = true;
  h.Start();
  REQUIRE(h.Append({{"a", "x", "work", ""}, {"b", "x", "work", ""}}).ok());
  REQUIRE(h.Wait([&] { return h.callee.calls.size() == 1; }));
  const auto drain = [](Callee* callee, Dispatcher* dispatcher) -> async::Task<void> {
    callee->hold = false;
    callee->changed.NotifyAll();
    co_await dispatcher->Drain(Soon());
  };
  h.service().Run(drain(&h.callee, &h.dispatcher()));
  CHECK(h.pg.Exec("SELECT string_agg(aggregate || owner, ',') FROM svc.outbox") == "b");
  CHECK(h.callee.calls.size() == 1);
}

// ---- inbox

async::Task<absl::Status> Receive(Database* db, std::string aggregate, std::int64_t sequence, std::int64_t previous,
                                  std::string* out) {
  constexpr Statement kApply{"apply", "INSERT INTO applied(aggregate, sequence) VALUES ($1, $2)"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  auto turn = InboxTurn::Queue(*tx, "svc", aggregate, sequence, previous);
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  if (turn.outcome() == InboxTurn::Outcome::kGap) co_return turn.gap();
  if (turn.outcome() == InboxTurn::Outcome::kDuplicate) {
    *out = "again " + turn.result();
    co_return absl::OkStatus();
  }
  tx->Queue(kApply, Params().Text(aggregate).Int(sequence));
  turn.Record(*tx, "result " + std::to_string(sequence));
  *out = "fresh";
  co_return co_await tx->Commit();
}

class InboxHarness {
 public:
  InboxHarness() {
    pg.Migrate({"callee"},
               {{"callee", kFirstServiceVersion, "applied",
                 "CREATE TABLE applied(aggregate text, sequence bigint, PRIMARY KEY (aggregate, sequence))"}});
    DatabaseOptions options;
    options.dsn = pg.dsn();
    options.schema = "callee";
    options.role = "haven_callee";
    service = std::make_unique<Service>(options);
  }
  std::pair<absl::Status, std::string> Receive(std::int64_t sequence, std::int64_t previous) {
    std::string out;
    auto status = service->Run(store::Receive(&service->db(), "a", sequence, previous, &out));
    return {status, out};
  }
  testing::PostgresFixture pg;
  std::unique_ptr<Service> service;
};

TEST_CASE("Inbox_FreshDuplicateGap") {
  InboxHarness h;
  CHECK(core::ReasonOf(h.Receive(2, 1).first) == errors::v1::REASON_SEQUENCE_GAP);
  CHECK(h.Receive(1, 0).second == "fresh");
  CHECK(h.Receive(1, 0).second == "again result 1");
  CHECK(h.Receive(2, 1).second == "fresh");
  CHECK(h.Receive(1, 0).second == "again ");  // older than the last: its result is not kept
  const auto gap = h.Receive(4, 3).first;
  CHECK(gap.code() == absl::StatusCode::kAborted);
  CHECK(core::ReasonOf(gap) == errors::v1::REASON_SEQUENCE_GAP);
  CHECK(h.Receive(4, 2).second == "fresh");  // 3 was refused for good
  CHECK(h.Receive(3, 2).second == "again ");
  CHECK(h.pg.Exec("SELECT string_agg(sequence::text, ',' ORDER BY sequence) FROM callee.applied") == "1,2,4");
}

async::Task<void> ReceiveTogether(Database* db, std::multiset<std::string>* outcomes) {
  const auto one = [](Database* db, std::multiset<std::string>* outcomes) -> async::Task<void> {
    std::string out;
    const auto status = co_await Receive(db, "a", 1, 0, &out);
    outcomes->insert(status.ok() ? out : std::string(status.message()));
  };
  for (int i = 0; i < 16; ++i) boost::asio::co_spawn(db->executor(), one(db, outcomes), boost::asio::detached);
  co_await WaitFor([&] { return outcomes->size() == 16; });
}

TEST_CASE("Inbox_ConcurrentFirsts_OneApplies_OthersAreDuplicates") {
  InboxHarness h;
  std::multiset<std::string> outcomes;
  h.service->Run(ReceiveTogether(&h.service->db(), &outcomes));
  CHECK(outcomes.count("fresh") == 1);
  CHECK(outcomes.count("again result 1") == 15);
  CHECK(h.pg.Exec("SELECT count(*) FROM callee.applied") == "1");
}

}  // namespace
}  // namespace haven::store
