// What happens under load, past deadlines and when the server goes away.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "haven/errors/v1/errors.pb.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

using absl::StatusCode;

constexpr Statement kOne{"one", "SELECT 1"};
constexpr Statement kSleep{"sleep", "SELECT pg_sleep($1::float8)"};
constexpr Statement kInsert{"insert", "INSERT INTO t(id) VALUES ($1)"};

DatabaseOptions OptionsFor(const std::string& dsn, int connections = 8) {
  DatabaseOptions options;
  options.dsn = dsn;
  options.connections = connections;
  return options;
}

async::Task<bool> WaitFor(std::function<bool()> condition, std::chrono::seconds limit = 60s) {
  const auto deadline = core::Deadline::After(limit);
  while (!condition() && !deadline.Expired()) co_await async::Sleep(1ms);
  co_return condition();
}

// ---- pipelining

struct Tally {
  int done = 0, wrong = 0;
  std::string first_wrong;
  void Note(bool right, const std::string& what) {
    ++done;
    if (right) return;
    if (++wrong == 1) first_wrong = what;
  }
};

async::Task<bool> ReadOwn(Database* db, int i, core::Deadline deadline) {
  constexpr Statement kEcho{"echo", "SELECT $1::int8, $2::text, repeat('x', ($1::int8 % 3000)::int)"};
  const auto rows = co_await db->Query(deadline, kEcho, Params().Int(i).Text(std::to_string(i)));
  co_return rows.ok() && rows->Int(0, 0) == i && rows->Text(0, 1) == std::to_string(i) &&
      rows->TextView(0, 2).size() == static_cast<std::size_t>(i % 3000);
}

async::Task<bool> InsertOwn(Database* db, int i, core::Deadline deadline) {
  co_return (co_await db->Query(deadline, kInsert, Params().Int(i))).ok();
}

async::Task<bool> FailOwn(Database* db, int i, core::Deadline deadline) {
  constexpr Statement kRequire{"require", "SELECT haven.require(false, $1)"};
  const auto status = (co_await db->Query(deadline, kRequire, Params().Text(std::to_string(i)))).status();
  co_return status.code() == StatusCode::kAborted&& core::MetadataOf(status, "what") == std::to_string(i);
}

async::Task<bool> TransactOwn(Database* db, int i, bool commit, core::Deadline deadline) {
  constexpr Statement kSee{"see", "SELECT id FROM t WHERE id = $1"};
  auto tx = co_await db->Begin(deadline);
  if (!tx.ok()) co_return false;
  tx->Queue(kInsert, Params().Int(i));
  const auto seen = co_await tx->Query(kSee, Params().Int(i));
  if (!seen.ok() || seen->Int(0, 0) != i) co_return false;
  if (!commit) co_return true;
  co_return (co_await tx->Commit()).ok();
}

async::Task<void> OneOfTheMix(Database* db, int i, core::Deadline deadline, Tally* tally) {
  bool right = false;
  if (i % 10 < 4) {
    right = co_await ReadOwn(db, i, deadline);
  } else if (i % 10 < 7) {
    right = co_await InsertOwn(db, i, deadline);
  } else if (i % 10 == 7) {
    right = co_await FailOwn(db, i, deadline);
  } else {
    right = co_await TransactOwn(db, i, i % 10 == 8, deadline);
  }
  tally->Note(right, std::to_string(i));
}

async::Task<void> RunMix(Database* db, int count, Tally* tally) {
  const auto deadline = core::Deadline::After(120s);
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(db->executor(), OneOfTheMix(db, i, deadline, tally), boost::asio::detached);
  }
  co_await WaitFor([&] { return tally->done == count; }, 120s);
}

TEST_CASE("Pipelining_TenThousandMixedCallsAtOnce_EachGetsItsOwnAnswer") {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"});
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  RecordedMetrics metrics;
  auto options = OptionsFor(pg.dsn());
  options.max_waiting = 10000;
  Service service(options, &metrics);
  Tally tally;
  service.Run(RunMix(&service.db(), 10000, &tally));
  CHECK(metrics.counts["haven_store_connections_lost_total"] == 0);  // not even to tidy up
  INFO("first wrong: " << tally.first_wrong);
  CHECK(tally.done == 10000);
  CHECK(tally.wrong == 0);
  CHECK(pg.Exec("SELECT count(*) FROM t") == "4000");  // 3 of 10 by themselves, 1 of 10 in a transaction
  CHECK(pg.Exec("SELECT count(*) FROM t WHERE id % 10 = 9") == "0");
}

// ---- deadlines

TEST_CASE("Deadline_OfARunningStatement_EndsItAtTheServer") {
  testing::PostgresFixture pg;
  RecordedMetrics metrics;
  Service service(OptionsFor(pg.dsn()), &metrics);
  const auto status =
      service.Run(service.db().Query(core::Deadline::After(50ms), kSleep, Params().Float(3600))).status();
  CHECK(status.code() == StatusCode::kDeadlineExceeded);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEADLINE_EXCEEDED);
  const auto running = [&] {
    return pg.Exec(
               "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query "
               "LIKE '%pg_sleep($1%'") != "0";
  };
  const auto limit = Soon();
  while (running() && !limit.Expired()) std::this_thread::yield();
  CHECK_FALSE(running());
  CHECK(service.Query(kOne).ok());
  CHECK(metrics.counts["haven_store_connections_lost_total"] == 0);  // cancelled, not cut
}

async::Task<std::pair<int, absl::Status>> NeighboursOfASleeper(Database* db) {
  auto held = co_await db->Begin(core::Deadline::After(60s));  // of two connections one is left
  (void)co_await held->Query(kOne);
  Tally tally;
  absl::Status slept;
  const auto sleeper = [](Database* db, absl::Status* out, Tally* tally) -> async::Task<void> {
    *out = (co_await db->Query(core::Deadline::After(100ms), kSleep, Params().Float(3600))).status();
    tally->Note(true, "");
  };
  const auto neighbour = [](Database* db, Tally* tally) -> async::Task<void> {
    tally->Note((co_await db->Query(core::Deadline::After(60s), kOne)).ok(), "neighbour");
  };
  boost::asio::co_spawn(db->executor(), sleeper(db, &slept, &tally), boost::asio::detached);
  for (int i = 0; i < 20; ++i) boost::asio::co_spawn(db->executor(), neighbour(db, &tally), boost::asio::detached);
  co_await WaitFor([&] { return tally.done == 21; });
  co_return std::pair(tally.done - tally.wrong, slept);
}

TEST_CASE("Deadline_OfOneStatement_DoesNotHurtItsNeighboursInThePipeline") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg.dsn(), 2));
  const auto [right, slept] = service.Run(NeighboursOfASleeper(&service.db()));
  CHECK(right == 21);
  CHECK(slept.code() == StatusCode::kDeadlineExceeded);
}

async::Task<bool> BesideASlowOne(Database* db) {
  Tally tally;
  const auto slow = [](Database* db, Tally* tally) -> async::Task<void> {
    (void)co_await db->Query(core::Deadline::After(60s), kSleep, Params().Float(2));
    tally->Note(true, "");
  };
  const auto start = std::chrono::steady_clock::now();
  boost::asio::co_spawn(db->executor(), slow(db, &tally), boost::asio::detached);
  int quick = 0;
  while (std::chrono::steady_clock::now() - start < 500ms) {
    if (!(co_await db->Query(core::Deadline::After(60s), kOne)).ok()) co_return false;
    ++quick;
  }
  const bool overtaken = tally.done == 0;
  co_await WaitFor([&] { return tally.done == 1; });
  co_return overtaken&& quick > 5;
}

TEST_CASE("SlowStatement_OthersDoNotQueueBehindIt") {
  testing::PostgresFixture pg;
  RecordedMetrics metrics;
  Service service(OptionsFor(pg.dsn()), &metrics);
  REQUIRE(service.Run(WaitFor([&] { return metrics.gauges["haven_store_connections"] == 2; })));
  CHECK(service.Run(BesideASlowOne(&service.db())));
}

async::Task<std::vector<absl::Status>> DeadlineInTransaction(Database* db) {
  constexpr Statement kUpdate{"update", "UPDATE t SET id = id"};
  std::vector<absl::Status> out;
  (void)co_await db->Query(Soon(), kOne);
  auto tx = co_await db->Begin(core::Deadline::After(3s));
  if (!tx.ok()) co_return std::vector<absl::Status>(4, tx.status());
  out.push_back((co_await tx->Query(kUpdate)).status());
  out.push_back((co_await tx->Query(kSleep, Params().Float(3600))).status());
  out.push_back(co_await tx->Commit());
  { const auto gone = *std::move(tx); }
  // The lock is free as soon as the cancel has come through.
  out.push_back((co_await db->Query(Soon(), kUpdate)).status());
  co_return out;
}

TEST_CASE("Deadline_InATransaction_RollsBackAndFreesItsLocks") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int); INSERT INTO t VALUES (1)");
  Service service(OptionsFor(pg.dsn()));
  const auto statuses = service.Run(DeadlineInTransaction(&service.db()));
  CHECK(statuses[0].ok());
  CHECK(statuses[1].code() == StatusCode::kDeadlineExceeded);
  CHECK_FALSE(OutcomeUnknown(statuses[1]));
  CHECK(statuses[2] == statuses[1]);
  CHECK(statuses[3].ok());
}

async::Task<std::vector<absl::Status>> WaitInVain(Database* db) {
  std::vector<absl::Status> out;
  auto held = co_await db->Begin(Soon());
  (void)co_await held->Query(kOne);
  out.push_back((co_await db->Begin(core::Deadline::After(30ms))).status());  // the last one is for statements
  out.push_back((co_await db->Query(Soon(), kOne)).status());
  out.push_back((co_await db->Query(core::Deadline::After(-1ms), kOne)).status());
  co_return out;
}

TEST_CASE("Deadline_WhileWaitingForAConnection") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg.dsn(), 2));
  const auto statuses = service.Run(WaitInVain(&service.db()));
  CHECK(statuses[0].code() == StatusCode::kDeadlineExceeded);
  CHECK_FALSE(OutcomeUnknown(statuses[0]));
  CHECK(statuses[1].ok());
  CHECK(statuses[2].code() == StatusCode::kDeadlineExceeded);
}

async::Task<std::pair<absl::Status, bool>> TooMany(Database* db) {
  auto held = co_await db->Begin(Soon());
  (void)co_await held->Query(kOne);
  std::vector<absl::Status> statuses;
  const auto one = [](Database* db, std::vector<absl::Status>* out) -> async::Task<void> {
    out->push_back((co_await db->Begin(core::Deadline::After(100ms))).status());
  };
  for (int i = 0; i < 10; ++i) boost::asio::co_spawn(db->executor(), one(db, &statuses), boost::asio::detached);
  const auto refused = (co_await db->Begin(Soon())).status();
  co_await WaitFor([&] { return statuses.size() == 10; });
  // Those who have given up do not count.
  auto later = co_await db->Begin(core::Deadline::After(50ms));
  co_return std::pair(refused, later.status().code() == StatusCode::kDeadlineExceeded);
}

TEST_CASE("Overload_BeyondMaxWaiting_IsRefusedWithRetryTime") {
  testing::PostgresFixture pg;
  auto options = OptionsFor(pg.dsn(), 2);
  options.max_waiting = 10;
  Service service(options);
  const auto [refused, freed] = service.Run(TooMany(&service.db()));
  CHECK(refused.code() == StatusCode::kResourceExhausted);
  CHECK(core::ReasonOf(refused) == errors::v1::REASON_OVERLOADED);
  CHECK(core::RetryAfterOf(refused).has_value());
  CHECK(freed);
}

// ---- the server away

TEST_CASE("ServerAbsent_FailsFastAndSaysWhy") {
  RecordedMetrics metrics;
  Service service(OptionsFor("host=/nowhere dbname=x"), &metrics);
  const auto ready = service.Run(service.db().Ready(core::Deadline::After(300ms)));
  CHECK(ready.code() == StatusCode::kUnavailable);
  CHECK(std::string(ready.message()).find("/nowhere") != std::string::npos);
  CHECK_FALSE(service.db().Health());
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto status = service.Query(kOne).status();
    REQUIRE(status.code() == StatusCode::kUnavailable);
    REQUIRE(core::ReasonOf(status) == errors::v1::REASON_DEPENDENCY_DOWN);
    REQUIRE_FALSE(OutcomeUnknown(status));
  }
  CHECK(std::chrono::steady_clock::now() - before < 5s);  // each waited for nothing (its deadline is 10 s)
  CHECK(metrics.counts["haven_store_rejected_total/away"] >= 99);
}

TEST_CASE("Connections_AllTerminated_AreMadeAnew") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg.dsn()));
  REQUIRE(service.Query(kOne).ok());
  pg.Exec(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
      " AND pid <> pg_backend_pid()");
  CHECK(service.Run(WaitFor([&] { return service.db().Health(); })));
  const auto deadline = Soon();
  auto status = service.Query(kOne).status();
  while (!status.ok() && !deadline.Expired()) status = service.Query(kOne).status();
  CHECK(status.ok());
}

TEST_CASE("Connections_GrowWithLoadAndShrinkWhenIdle") {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"});
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  RecordedMetrics metrics;
  auto options = OptionsFor(pg.dsn(), 4);
  options.idle_close = 100ms;
  Service service(options, &metrics);
  Tally tally;
  service.Run(RunMix(&service.db(), 2000, &tally));
  CHECK(tally.wrong == 0);
  const auto connections = [&] { return metrics.gauges["haven_store_connections"]; };
  CHECK(service.Run(WaitFor([&] { return connections() == 2; })));
  CHECK(service.Query(kOne).ok());
}

TEST_CASE("TableChangedUnderAPreparedStatement_StatementGoesOn") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int); INSERT INTO t VALUES (7)");
  Service service(OptionsFor(pg.dsn()));
  constexpr Statement kAll{"all", "SELECT * FROM t"};
  REQUIRE(service.Query(kAll).ok());
  pg.Exec("ALTER TABLE t ADD COLUMN more int DEFAULT 8");
  for (int i = 0; i < 3; ++i) {
    const auto rows = service.Query(kAll);
    REQUIRE(rows.ok());
    CHECK(rows->Int(0, 1) == 8);
  }
}

async::Task<std::vector<absl::Status>> CloseWhileRunning(Database* db) {
  std::vector<absl::Status> out;
  Tally tally;
  const auto run = [](Database* db, std::vector<absl::Status>* out, Tally* tally) -> async::Task<void> {
    auto status = (co_await db->Query(Soon(), kSleep, Params().Float(0.1))).status();
    out->push_back(status);
    tally->Note(true, "");
  };
  boost::asio::co_spawn(db->executor(), run(db, &out, &tally), boost::asio::detached);
  (void)co_await db->Ready(Soon());
  co_await async::Yield();
  co_await db->Close(Soon());
  co_await WaitFor([&] { return tally.done == 1; });
  out.push_back((co_await db->Query(Soon(), kOne)).status());
  co_return out;
}

TEST_CASE("Close_LetsRunningCallsEnd_RefusesNewOnes") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg.dsn()));
  const auto statuses = service.Run(CloseWhileRunning(&service.db()));
  CHECK(statuses[0].ok());
  CHECK(statuses[1].code() == StatusCode::kUnavailable);
}

// ---- the server killed

async::Task<absl::Status> SlowCommit(Database* db, bool* sent) {
  auto tx = co_await db->Begin(core::Deadline::After(60s));
  if (!tx.ok()) co_return tx.status();
  tx->Queue(kInsert, Params().Int(1));
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  *sent = true;
  co_return co_await tx->Commit();  // the deferred trigger sleeps in it
}

TEST_CASE("ServerKilled_DuringTheCommit_OutcomeIsUnknown") {
  testing::PostgresCluster cluster;
  Service service(OptionsFor(cluster.dsn()));
  const auto exec = [&](const Statement& s) { REQUIRE(service.Query(s).ok()); };
  constexpr Statement kSetup[] = {
      {"s1", "CREATE TABLE t(id int PRIMARY KEY)"},
      {"s2",
       "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3600); RETURN NULL; END'"},
      {"s3",
       "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
       " FOR EACH ROW EXECUTE FUNCTION slow()"}};
  for (const auto& s : kSetup) exec(s);
  bool sent = false;
  absl::Status status;
  std::thread committer([&] { status = service.Run(SlowCommit(&service.db(), &sent)); });
  constexpr Statement kSleeping{"sleeping", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"};
  while (service.Query(kSleeping)->Int(0, 0) == 0) std::this_thread::yield();
  cluster.Kill9();
  committer.join();
  CHECK(status.code() == StatusCode::kUnavailable);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEPENDENCY_DOWN);
  CHECK(OutcomeUnknown(status));
}

// Inserts ever new ids until told to stop; remembers what was said of each.
struct Load {
  std::set<int> kept, perhaps, refused;
  int next = 0, running = 0;
  bool stop = false;
};

async::Task<void> InsertForEver(Database* db, Load* load) {
  ++load->running;
  while (!load->stop) {
    const int id = load->next++;
    const bool whole = id % 2 == 0;
    absl::Status status;
    if (whole) {
      status = (co_await db->Query(core::Deadline::After(20s), kInsert, Params().Int(id))).status();
    } else {
      auto tx = co_await db->Begin(core::Deadline::After(20s));
      status = tx.status();
      if (tx.ok()) {
        tx->Queue(kInsert, Params().Int(id));
        status = co_await tx->Commit();
      }
    }
    auto& place = status.ok() ? load->kept : OutcomeUnknown(status) ? load->perhaps : load->refused;
    place.insert(id);
    if (!status.ok()) co_await async::Sleep(1ms);
  }
  --load->running;
}

async::Task<void> StartLoad(Database* db, Load* load) {
  for (int i = 0; i < 64; ++i) boost::asio::co_spawn(db->executor(), InsertForEver(db, load), boost::asio::detached);
  co_return;
}

TEST_CASE("ServerKilledNineUnderLoad_WhatWasAcknowledgedIsThere_AndItComesBack") {
  testing::PostgresCluster cluster;
  RecordedMetrics metrics;
  Service service(OptionsFor(cluster.dsn()), &metrics);
  constexpr Statement kTable{"table", "CREATE TABLE t(id int PRIMARY KEY)"};
  REQUIRE(service.Query(kTable).ok());
  Load load;
  service.Run(StartLoad(&service.db(), &load));
  for (int round = 1; round <= 3; ++round) {
    const auto target = [&, from = load.kept.size()] { return load.kept.size() > from + 200; };
    REQUIRE(service.Run(WaitFor(target)));
    cluster.Kill9();
    REQUIRE(service.Run(WaitFor([&] { return !service.db().Health(); })));
    cluster.Start();
    REQUIRE(service.Run(WaitFor([&] { return service.db().Health(); })));
  }
  OnLoop(service.loop(), [&] { load.stop = true; });
  REQUIRE(service.Run(WaitFor([&] { return load.running == 0; })));
  constexpr Statement kIds{"ids", "SELECT id FROM t"};
  const auto rows = service.Query(kIds);
  REQUIRE(rows.ok());
  std::set<int> there;
  for (int i = 0; i < rows->size(); ++i) there.insert(static_cast<int>(rows->Int(i, 0)));
  int lost = 0, undead = 0;
  for (const int id : load.kept) lost += there.contains(id) ? 0 : 1;
  for (const int id : load.refused) undead += there.contains(id) ? 1 : 0;
  INFO("kept " << load.kept.size() << " perhaps " << load.perhaps.size() << " refused " << load.refused.size());
  CHECK(lost == 0);
  CHECK(undead == 0);
  CHECK(load.kept.size() + load.perhaps.size() >= there.size());
  CHECK_FALSE(load.refused.empty());
  const auto said = [&](const char* event) {
    return std::count_if(metrics.notes.begin(), metrics.notes.end(), [&](const auto& n) { return n.first == event; });
  };
  CHECK(said("database_back") >= 1);
}

}  // namespace
}  // namespace haven::store
