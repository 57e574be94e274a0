#include "libs/store/migrate.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "libs/store/idempotency.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

constexpr int kV = kFirstServiceVersion;

TEST_CASE("Migrate_AppliesOnceInOrder") {
  testing::PostgresFixture pg;
  const std::vector<Migration> two = {{"svc", kV, "first", "CREATE TABLE t(id int); INSERT INTO t VALUES (1)"},
                                      {"svc", kV + 1, "second", "INSERT INTO t SELECT id + 1 FROM t"}};
  REQUIRE(Migrate(pg.dsn(), {two[0]}).ok());
  REQUIRE(Migrate(pg.dsn(), two).ok());
  REQUIRE(Migrate(pg.dsn(), two).ok());
  CHECK(pg.Exec("SELECT string_agg(id::text, ',' ORDER BY id) FROM svc.t") == "1,2");
  CHECK(pg.Exec("SELECT tableowner FROM pg_tables WHERE schemaname = 'svc'") == "haven_owner");
}

TEST_CASE("Migrate_ChangedMigration_IsAClearError") {
  testing::PostgresFixture pg;
  REQUIRE(Migrate(pg.dsn(), {{"svc", kV, "first", "CREATE TABLE t(id int)"}}).ok());
  const auto status = Migrate(pg.dsn(), {{"svc", kV, "first", "CREATE TABLE t(id bigint)"}});
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(status.message()).find("migration svc 100 (first) has changed") == 0);
}

TEST_CASE("Migrate_SkippedVersion_IsAClearError") {
  testing::PostgresFixture pg;
  REQUIRE(Migrate(pg.dsn(), {{"svc", kV + 1, "second", "SELECT 1"}}).ok());
  const auto status = Migrate(pg.dsn(), {{"svc", kV, "first", "SELECT 1"}, {"svc", kV + 1, "second", "SELECT 1"}});
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(status.message()).find("was never applied") != std::string::npos);
}

TEST_CASE("Migrate_FailingMigration_LeavesNothingOfItself") {
  testing::PostgresFixture pg;
  const auto status = Migrate(pg.dsn(), {{"svc", kV, "first", "CREATE TABLE t(id int)"},
                                         {"svc", kV + 1, "bad", "CREATE TABLE u(id int); SELECT nonsense"}});
  CHECK(std::string(status.message()).find("migration svc 101 (bad): ERROR:") == 0);
  CHECK(pg.Exec("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'svc'") == "t");
  CHECK(pg.Exec("SELECT count(*) FROM haven.migrations") == "1");
}

TEST_CASE("Migrate_BadNamesAndOrder_AreRefused") {
  for (const std::string name : {"", "Svc", "a b", "x;drop", "haven", "public", "owner", "1a"}) {
    CHECK(Migrate("host=/nowhere", {{name, kV, "m", "SELECT 1"}}).code() == absl::StatusCode::kInvalidArgument);
  }
  CHECK(Migrate("host=/nowhere", {{"a", 2, "m", ""}, {"a", 1, "m", ""}}).code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Migrate_ServiceRole_SeesItsOwnSchemaOnly") {
  testing::PostgresFixture pg;
  pg.Migrate({"one", "two"}, {{"one", kV, "t", "CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY, v int)"}});
  DatabaseOptions options;
  options.dsn = pg.dsn();
  options.schema = "one";
  options.role = "haven_one";
  Service service(options);
  constexpr Statement kAllowed[] = {{"i", "INSERT INTO t(v) VALUES (1)"},
                                    {"u", "UPDATE t SET v = 2"},
                                    {"s", "SELECT * FROM t"},
                                    {"d", "DELETE FROM t"},
                                    {"r", "SELECT haven.require(true, 'x')"}};
  for (const auto& statement : kAllowed) CHECK(service.Query(statement).ok());
  constexpr Statement kForbidden[] = {{"other", "SELECT * FROM two.outbox"},
                                      {"ddl", "CREATE TABLE x(id int)"},
                                      {"alter", "ALTER TABLE t ADD COLUMN w int"},
                                      {"truncate", "TRUNCATE t"},
                                      {"ledger", "DELETE FROM haven.migrations"}};
  for (const auto& statement : kForbidden) {
    INFO(statement.name);
    CHECK(core::MetadataOf(service.Query(statement).status(), "sqlstate") == "42501");
  }
}

TEST_CASE("Migrate_LoginOfServices_MayTakeTheirRoles") {
  testing::PostgresFixture pg;
  pg.Exec("DO $$ BEGIN CREATE ROLE haven_test_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  REQUIRE(Migrate(pg.dsn(), CommonTables("svc"), "haven_test_login").ok());
  DatabaseOptions options;
  options.dsn = pg.dsn() + " user=haven_test_login";
  options.schema = "svc";
  options.role = "haven_svc";
  Service service(options);
  constexpr Statement kCount{"count", "SELECT count(*) FROM outbox"};
  CHECK(service.Query(kCount).ok());
}

TEST_CASE("Migrate_ManyAtOnce_ApplyOnce") {
  testing::PostgresFixture pg;
  std::vector<absl::Status> statuses(6);
  std::vector<std::thread> threads;
  for (auto& status : statuses) {
    threads.emplace_back([&pg, &status] {
      auto all = CommonTables("svc");
      all.push_back({"svc", kV, "t", "CREATE TABLE t(id int)"});
      status = Migrate(pg.dsn(), all);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& status : statuses) CHECK(status.ok());
}

TEST_CASE("CheckServer_RefusesWhatBreaksPromises") {
  testing::PostgresFixture pg;
  CHECK(CheckServer(pg.dsn(), 50).ok());
  const auto many = CheckServer(pg.dsn(), 5000);
  CHECK(many.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(many.message()).find("max_connections") != std::string::npos);
  CHECK(CheckServer(pg.dsn() + " options='-c synchronous_commit=off'", 1).code() ==
        absl::StatusCode::kFailedPrecondition);
}

// ---- request records

async::Task<absl::StatusOr<std::string>> Answer(Database* db, std::string id, std::string request, std::string answer) {
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  auto record = RequestRecord::Queue(*tx, "key:abc", id, request);
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  auto earlier = record.response();
  if (!earlier.ok()) co_return earlier.status();
  if (*earlier) co_return **earlier;
  record.Store(*tx, answer);
  status = co_await tx->Commit();
  if (!status.ok()) co_return status;
  co_return answer;
}

TEST_CASE("RequestRecord_RepeatGetsTheFirstAnswer_OtherRequestIsRefused_SweptWhenOld") {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"});
  DatabaseOptions options;
  options.dsn = pg.dsn();
  options.schema = "svc";
  options.role = "haven_svc";
  Service service(options);
  CHECK(*service.Run(Answer(&service.db(), "1", "a", "first")) == "first");
  CHECK(*service.Run(Answer(&service.db(), "1", "a", "second")) == "first");
  CHECK(service.Run(Answer(&service.db(), "1", "b", "second")).status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(*service.Run(Answer(&service.db(), "2", "b", "third")) == "third");
  pg.Exec("UPDATE svc.idempotency SET created_time = now() - interval '7 days 1 minute' WHERE request_id = '1'");
  pg.Exec(
      "INSERT INTO svc.idempotency(caller, request_id, request_hash, response, created_time)"
      " SELECT 'x', g::text, '', '', now() - interval '8 days' FROM generate_series(1, 2500) g");
  CHECK(*service.Run(SweepRequestRecords(Soon(), service.db())) == 2501);
  CHECK(*service.Run(Answer(&service.db(), "1", "a", "again")) == "again");
  CHECK(*service.Run(Answer(&service.db(), "2", "b", "x")) == "third");
}

async::Task<std::vector<std::string>> AnswerTogether(Database* db) {
  std::vector<std::string> answers;
  const auto one = [](Database* db, int i, std::vector<std::string>* out) -> async::Task<void> {
    const auto answer = co_await Answer(db, "1", "q", std::to_string(i));
    out->push_back(answer.ok() ? *answer : std::string(answer.status().message()));
  };
  for (int i = 0; i < 16; ++i) boost::asio::co_spawn(db->executor(), one(db, i, &answers), boost::asio::detached);
  const auto deadline = Soon();
  while (answers.size() < 16 && !deadline.Expired()) co_await async::Sleep(1ms);
  co_return answers;
}

TEST_CASE("RequestRecord_ConcurrentFirsts_AllGetOneAnswer") {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"});
  DatabaseOptions options;
  options.dsn = pg.dsn();
  options.schema = "svc";
  Service service(options);
  const auto answers = service.Run(AnswerTogether(&service.db()));
  REQUIRE(answers.size() == 16);
  for (const auto& answer : answers) CHECK(answer == answers[0]);
}

}  // namespace
}  // namespace haven::store
