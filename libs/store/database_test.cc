#include "libs/store/database.h"

#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

using absl::StatusCode;

constexpr Statement kEcho{"echo",
                          "SELECT $1::text, $2::int8, $3::bytea, $4::uuid, $5::timestamptz, $6::bool, $7::float8,"
                          " $8::jsonb, $9::text[], $10::uuid[], $11::int8[], $12::int4, $13::bytea[], NULL::text"};

DatabaseOptions OptionsFor(const testing::PostgresFixture& pg) {
  DatabaseOptions options;
  options.dsn = pg.dsn();
  return options;
}

TEST_CASE("Query_EveryType_ComesBackAsItWent") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg));
  const std::string bytes("\0\xff\\x'\"\n", 7);
  const std::string uuid = "0190f9a2-7c3e-7abc-8def-0123456789ab";
  const auto time = absl::FromUnixMicros(1'790'000'000'123'456);
  const auto rows = service.Query(kEcho, Params()
                                             .Text("Grüße, \"مرحبا\"")
                                             .Int(INT64_MIN)
                                             .Bytes(bytes)
                                             .Uuid(uuid)
                                             .Time(time)
                                             .Bool(true)
                                             .Float(0.1)
                                             .Text(R"({"a": [1, "b"]})")
                                             .TextArray({"a,b", "c\"d\\", "", "NULL", "{x}"})
                                             .UuidArray({uuid})
                                             .IntArray({-1, INT64_MAX})
                                             .Int(-7)
                                             .BytesArray({bytes, ""}));
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 1);
  CHECK(rows->Text(0, 0) == "Grüße, \"مرحبا\"");
  CHECK(rows->Int(0, 1) == INT64_MIN);
  CHECK(rows->Bytes(0, 2) == bytes);
  CHECK(rows->Text(0, 3) == uuid);
  CHECK(rows->Time(0, 4) == time);
  CHECK(rows->Bool(0, 5));
  CHECK(rows->Float(0, 6) == 0.1);
  CHECK(rows->Text(0, 7) == R"({"a": [1, "b"]})");
  CHECK(rows->TextArray(0, 8) == std::vector<std::string>{"a,b", "c\"d\\", "", "NULL", "{x}"});
  CHECK(rows->TextArray(0, 9) == std::vector<std::string>{uuid});
  CHECK(rows->IntArray(0, 10) == std::vector<std::int64_t>{-1, INT64_MAX});
  CHECK(rows->Int(0, 11) == -7);
  CHECK(rows->TextArray(0, 12) == std::vector<std::string>{bytes, ""});
  CHECK(rows->IsNull(0, 13));
  CHECK(rows->OptText(0, 13) == std::nullopt);
}

TEST_CASE("Query_NullsAndEmptyArrays") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg));
  constexpr Statement kNulls{"nulls", "SELECT $1::text, $2::int8, $3::timestamptz, $4::text[]"};
  const auto rows =
      service.Query(kNulls, Params().OptText(std::nullopt).OptInt(std::nullopt).OptTime(std::nullopt).TextArray({}));
  REQUIRE(rows.ok());
  CHECK(rows->OptText(0, 0) == std::nullopt);
  CHECK(rows->OptInt(0, 1) == std::nullopt);
  CHECK(rows->OptTime(0, 2) == std::nullopt);
  CHECK_FALSE(rows->IsNull(0, 3));
  CHECK(rows->TextArray(0, 3).empty());
}

TEST_CASE("Query_TextWithNul_IsRefusedUnsent") {
  testing::PostgresFixture pg;
  Service service(OptionsFor(pg));
  constexpr Statement kText{"text", "SELECT $1::text"};
  CHECK(service.Query(kText, Params().Text(std::string_view("a\0b", 3))).status().code() ==
        StatusCode::kInvalidArgument);
}

// One statement per line of the table in status.h.
TEST_CASE("Query_ErrorsOfTheServer_AreMapped") {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"});
  pg.Exec(
      "CREATE TABLE t(id int PRIMARY KEY, other int CONSTRAINT positive CHECK (other > 0));"
      "INSERT INTO t VALUES (1, 1)");
  Service service(OptionsFor(pg));
  struct Case {
    Statement statement;
    StatusCode code;
    errors::v1::Reason reason;
    std::string constraint;
  };
  const std::vector<Case> cases = {
      {{"unique", "INSERT INTO t VALUES (1, 1)"},
       StatusCode::kAlreadyExists,
       errors::v1::REASON_ALREADY_EXISTS,
       "t_pkey"},
      {{"check", "INSERT INTO t VALUES (2, -1)"},
       StatusCode::kFailedPrecondition,
       errors::v1::REASON_WRONG_STATE,
       "positive"},
      {{"race", "SELECT haven.require(false, 'ledger_epoch')"}, StatusCode::kAborted, errors::v1::REASON_LOST_RACE, ""},
      {{"value", "SELECT 'secret-value'::int"}, StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD, ""},
      {{"serial", "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"},
       StatusCode::kAborted,
       errors::v1::REASON_LOST_RACE,
       ""},
      {{"deadlock", "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"},
       StatusCode::kAborted,
       errors::v1::REASON_LOST_RACE,
       ""},
      {{"memory", "DO $$ BEGIN RAISE SQLSTATE '53200'; END $$"},
       StatusCode::kUnavailable,
       errors::v1::REASON_DEPENDENCY_DOWN,
       ""},
      {{"syntax", "SELEC 1"}, StatusCode::kInternal, errors::v1::REASON_BUG, ""},
      {{"unknown", "SELECT * FROM nowhere"}, StatusCode::kInternal, errors::v1::REASON_BUG, ""},
  };
  for (const auto& c : cases) {
    INFO(c.statement.name);
    const auto status = service.Query(c.statement).status();
    CHECK(status.code() == c.code);
    CHECK(core::ReasonOf(status) == c.reason);
    CHECK(ConstraintOf(status) == c.constraint);
    CHECK_FALSE(OutcomeUnknown(status));
    CHECK(std::string(status.message()).find("secret") == std::string::npos);
  }
  CHECK(core::MetadataOf(service.Query(cases[2].statement).status(), "what") == "ledger_epoch");
  // The connection is as good as before.
  constexpr Statement kOne{"one", "SELECT 1"};
  CHECK(service.Query(kOne).ok());
}

TEST_CASE("Query_NameUsedForTwoStatements_IsRefusedUnsent") {
  testing::PostgresFixture pg;
  DatabaseOptions options = OptionsFor(pg);
  Service service(options);
  constexpr Statement kFirst{"same", "SELECT 1"}, kSecond{"same", "SELECT 2"};
  REQUIRE(service.Query(kFirst).ok());
  CHECK(core::ReasonOf(service.Query(kSecond).status()) == errors::v1::REASON_BUG);
  CHECK(service.Query(kFirst).ok());
}

async::Task<absl::Status> CommitTwo(Database* db, std::vector<std::string>* order) {
  constexpr Statement kInsert{"insert", "INSERT INTO t(id, v) VALUES ($1, $2) RETURNING v"};
  constexpr Statement kRead{"read", "SELECT v FROM t WHERE id = $1 FOR UPDATE"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  auto first = tx->Queue(kInsert, Params().Int(1).Text("a"));
  auto locked = tx->Queue(kRead, Params().Int(1));
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  order->push_back(first.rows().Text(0, 0) + locked.rows().Text(0, 0));
  tx->OnCommit([order] { order->push_back("hook 1"); });
  tx->OnCommit([order] { order->push_back("hook 2"); });
  tx->Queue(kInsert, Params().Int(2).Text("b"));
  status = co_await tx->Commit();
  order->push_back("committed");
  co_return status;
}

TEST_CASE("Transaction_QueueFlushCommit") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY, v text)");
  Service service(OptionsFor(pg));
  std::vector<std::string> order;
  REQUIRE(service.Run(CommitTwo(&service.db(), &order)).ok());
  CHECK(order == std::vector<std::string>{"aa", "hook 1", "hook 2", "committed"});
  CHECK(pg.Exec("SELECT count(*) FROM t") == "2");
}

async::Task<absl::Status> FailMidway(Database* db, int* hooks) {
  constexpr Statement kInsert{"insert", "INSERT INTO t(id) VALUES ($1)"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  tx->OnCommit([hooks] { ++*hooks; });
  tx->Queue(kInsert, Params().Int(1));
  tx->Queue(kInsert, Params().Int(1));
  tx->Queue(kInsert, Params().Int(2));
  const auto status = co_await tx->Commit();
  CHECK((co_await tx->Commit()) == status);  // dead: the same error again
  CHECK((co_await tx->Query(kInsert, Params().Int(3))).status() == status);
  co_return status;
}

TEST_CASE("Transaction_ErrorInTheFlushOfTheCommit_RollsBackAll") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  Service service(OptionsFor(pg));
  int hooks = 0;
  const auto status = service.Run(FailMidway(&service.db(), &hooks));
  CHECK(status.code() == StatusCode::kAlreadyExists);
  CHECK(ConstraintOf(status) == "t_pkey");
  CHECK_FALSE(OutcomeUnknown(status));
  CHECK(hooks == 0);
  CHECK(pg.Exec("SELECT count(*) FROM t") == "0");
}

async::Task<absl::Status> LeaveUncommitted(Database* db) {
  constexpr Statement kInsert{"insert", "INSERT INTO t(id) VALUES ($1)"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  co_return (co_await tx->Query(kInsert, Params().Int(1))).status();
}

TEST_CASE("Transaction_DestroyedUncommitted_RollsBackAndReturnsItsConnection") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  auto options = OptionsFor(pg);
  options.connections = 2;
  Service service(options);
  // More often than there are connections; and the same key each time, so that a survivor would be seen.
  for (int i = 0; i < 10; ++i) REQUIRE(service.Run(LeaveUncommitted(&service.db())).ok());
  CHECK(pg.Exec("SELECT count(*) FROM t") == "0");
}

async::Task<absl::Status> Move(Database* db) {
  constexpr Statement kInsert{"insert", "INSERT INTO t(id) VALUES ($1)"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  auto status = (co_await tx->Query(kInsert, Params().Int(1))).status();
  if (!status.ok()) co_return status;
  auto second = co_await db->Begin(Soon());
  if (!second.ok()) co_return second.status();
  status = (co_await second->Query(kInsert, Params().Int(2))).status();
  if (!status.ok()) co_return status;
  *tx = *std::move(second);  // the first is rolled back here
  co_return co_await tx->Commit();
}

TEST_CASE("Transaction_MovedOver_RollsBackWhatItHeld") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  Service service(OptionsFor(pg));
  REQUIRE(service.Run(Move(&service.db())).ok());
  CHECK(pg.Exec("SELECT id FROM t") == "2");
}

async::Task<absl::Status> SkewOne(Database* db) {
  constexpr Statement kSum{"sum", "SELECT sum(id) FROM t"};
  constexpr Statement kInsert{"insert", "INSERT INTO t(id) VALUES ($1)"};
  auto a = co_await db->Begin(Soon(), Isolation::kSerializable);
  auto b = co_await db->Begin(Soon(), Isolation::kSerializable);
  if (!a.ok() || !b.ok()) co_return absl::InternalError("no transactions");
  (void)co_await a->Query(kSum);
  (void)co_await b->Query(kSum);
  (void)co_await a->Query(kInsert, Params().Int(10));
  (void)co_await b->Query(kInsert, Params().Int(20));
  const auto first = co_await a->Commit();
  CHECK(first.ok());
  co_return co_await b->Commit();
}

TEST_CASE("Transaction_SerialisationFailure_IsAborted") {
  testing::PostgresFixture pg;
  pg.Exec("CREATE TABLE t(id int PRIMARY KEY)");
  Service service(OptionsFor(pg));
  const auto status = service.Run(SkewOne(&service.db()));
  CHECK(status.code() == StatusCode::kAborted);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_LOST_RACE);
}

async::Task<absl::Status> DeferredFailure(Database* db) {
  constexpr Statement kInsert{"insert", "INSERT INTO c(t) VALUES ($1)"};
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  tx->Queue(kInsert, Params().Int(1));
  co_return co_await tx->Commit();
}

TEST_CASE("ErrorAtTheCommitItself_IsTold") {
  testing::PostgresFixture pg;
  pg.Exec(
      "CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE c(t int CONSTRAINT known REFERENCES t DEFERRABLE INITIALLY "
      "DEFERRED)");
  Service service(OptionsFor(pg));
  CHECK(ConstraintOf(service.Run(DeferredFailure(&service.db()))) == "known");
  // And for a statement by itself, whose commit happens at the Sync.
  constexpr Statement kInsert{"insert_alone", "INSERT INTO c(t) VALUES ($1)"};
  const auto status = service.Query(kInsert, Params().Int(1)).status();
  CHECK(status.code() == StatusCode::kFailedPrecondition);
  CHECK(ConstraintOf(status) == "known");
  CHECK(pg.Exec("SELECT count(*) FROM c") == "0");
}

}  // namespace
}  // namespace haven::store
