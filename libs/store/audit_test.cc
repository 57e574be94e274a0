#include "libs/store/audit.h"

#include <catch2/catch.hpp>

#include "libs/store/test_util.h"

namespace haven::store {
namespace {

async::Task<absl::Status> AppendMany(Database* db, int count) {
  auto tx = co_await db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  for (int i = 0; i < count; ++i) {
    AuditEntry entry{"user:1", "contact.transfer", "contact:" + std::to_string(i), R"({"to": "queue:2"})",
                     absl::FromUnixMicros(1'790'000'000'000'001 + i)};
    AppendAudit(*tx, entry);
  }
  co_return co_await tx->Commit();
}

class AuditHarness {
 public:
  AuditHarness() {
    pg.Migrate({"svc"});
    DatabaseOptions options;
    options.dsn = pg.dsn();
    options.schema = "svc";
    options.role = "haven_svc";
    service = std::make_unique<Service>(options, &metrics);
  }
  ~AuditHarness() {
    if (linker) OnLoop(service->loop(), [&] { linker.reset(); });
  }
  void Append(int count) { REQUIRE(service->Run(AppendMany(&service->db(), count)).ok()); }
  AuditLinker& Linker(LinkerOptions options = {}) {
    OnLoop(service->loop(), [&] { linker = std::make_unique<AuditLinker>(service->db(), options); });
    return *linker;
  }
  // Other tests share the cluster, and a transaction of theirs that is open holds the chain up as one of ours would:
  // for those it is tried again.
  std::int64_t Link() {
    if (!linker) Linker();
    for (const auto until = Soon();;) {
      const bool others = pg.OthersWrite();
      const auto count = service->Run(linker->LinkOnce(Soon()));
      REQUIRE(count.ok());
      if (*count > 0 || !others || until.Expired()) return *count;
    }
  }
  // Position of the first break; 0 if the chain holds.
  std::string Broken(std::optional<AuditHead> expected = std::nullopt) {
    const auto report = VerifyAudit(pg.dsn(), "svc", expected);
    if (!report.ok()) CHECK(report.status().code() == absl::StatusCode::kDataLoss);
    return report.ok() ? "" : core::MetadataOf(report.status(), "position");
  }

  testing::PostgresFixture pg;
  RecordedMetrics metrics;
  std::unique_ptr<Service> service;
  std::unique_ptr<AuditLinker> linker;
};

TEST_CASE("Audit_LinkedAndVerified") {
  AuditHarness h;
  h.Append(3);
  CHECK(VerifyAudit(h.pg.dsn(), "svc")->unlinked == 3);
  CHECK(h.Link() == 3);
  CHECK(h.Link() == 0);
  h.Append(2500);  // more than one batch
  CHECK(h.Link() == 1000);
  CHECK(h.Link() == 1000);
  CHECK(h.Link() == 500);
  const auto report = VerifyAudit(h.pg.dsn(), "svc");
  REQUIRE(report.ok());
  CHECK(report->head.position == 2503);
  CHECK(report->unlinked == 0);
  CHECK(h.Broken(report->head) == "");
}

TEST_CASE("Audit_ServiceRole_MayOnlyInsert") {
  AuditHarness h;
  h.Append(1);
  constexpr Statement kForbidden[] = {{"u", "UPDATE audit SET actor = 'x'"},
                                      {"d", "DELETE FROM audit"},
                                      {"t", "TRUNCATE audit"},
                                      {"cu", "UPDATE audit_chain SET hash = ''"},
                                      {"cd", "DELETE FROM audit_chain"}};
  for (const auto& statement : kForbidden) {
    CHECK(core::MetadataOf(h.service->Query(statement).status(), "sqlstate") == "42501");
  }
}

TEST_CASE("Audit_EveryKindOfTampering_IsFoundAtItsPosition") {
  AuditHarness h;
  h.Append(5);
  REQUIRE(h.Link() == 5);
  const auto head = VerifyAudit(h.pg.dsn(), "svc")->head;
  struct Case {
    const char* what;
    const char* sql;
    const char* position;
  };
  const Case cases[] = {
      {"changed actor", "UPDATE svc.audit SET actor = 'user:2' WHERE id = 3", "3"},
      {"changed time", "UPDATE svc.audit SET time = time + interval '1 microsecond' WHERE id = 2", "2"},
      {"changed detail", "UPDATE svc.audit SET detail = '{}' WHERE id = 5", "5"},
      {"moved between fields", "UPDATE svc.audit SET actor = 'user:1c', action = 'ontact.transfer' WHERE id = 4", "4"},
      {"deleted entry", "DELETE FROM svc.audit WHERE id = 4", "4"},
      {"deleted link", "DELETE FROM svc.audit_chain WHERE position = 4", "4"},
      {"deleted both", "DELETE FROM svc.audit WHERE id = 4; DELETE FROM svc.audit_chain WHERE position = 4", "4"},
      {"changed hash", "UPDATE svc.audit_chain SET hash = sha256(hash) WHERE position = 1", "1"},
      {"exchanged",
       "UPDATE svc.audit_chain SET audit_id = CASE audit_id WHEN 2 THEN -1 ELSE 2 END WHERE audit_id IN (2, 3);"
       "UPDATE svc.audit_chain SET audit_id = 3 WHERE audit_id = -1",
       "2"},
      {"slipped in",
       "INSERT INTO svc.audit(xid, time, actor, action, object, detail)"
       " SELECT xid, time, actor, action, object, detail FROM svc.audit WHERE id = 1;"
       "UPDATE svc.audit_chain SET xid = (xid::text::bigint + 1000)::text::xid8 WHERE position = 5",
       "5"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    h.pg.Exec("CREATE TABLE keep_a AS SELECT * FROM svc.audit; CREATE TABLE keep_c AS SELECT * FROM svc.audit_chain");
    h.pg.Exec(c.sql);
    CHECK(h.Broken() == c.position);
    h.pg.Exec(
        "TRUNCATE svc.audit, svc.audit_chain; INSERT INTO svc.audit OVERRIDING SYSTEM VALUE SELECT * FROM keep_a;"
        "INSERT INTO svc.audit_chain SELECT * FROM keep_c; DROP TABLE keep_a, keep_c");
    REQUIRE(h.Broken() == "");
  }
  // The end cut off in both tables is seen only by a head kept elsewhere.
  h.pg.Exec("DELETE FROM svc.audit WHERE id = 5; DELETE FROM svc.audit_chain WHERE position = 5");
  CHECK(h.Broken() == "");
  CHECK(h.Broken(head) == "5");
}

// The earlier id and transaction commits later: nothing is linked in front of it.
async::Task<std::vector<std::int64_t>> CommitOutOfOrder(Database* db, AuditLinker* linker) {
  std::vector<std::int64_t> linked;
  auto slow = co_await db->Begin(Soon());
  AuditEntry entry{"user:1", "a", "o", "{}", absl::UnixEpoch()};
  AppendAudit(*slow, entry);
  (void)co_await slow->Flush();
  {
    auto quick = co_await db->Begin(Soon());
    AppendAudit(*quick, entry);
    (void)co_await quick->Commit();
  }
  linked.push_back((co_await linker->LinkOnce(Soon())).value_or(-1));
  (void)co_await slow->Commit();
  linked.push_back((co_await linker->LinkOnce(Soon())).value_or(-1));
  co_return linked;
}

TEST_CASE("Audit_CommitsOutOfOrder_AreNotOvertaken") {
  AuditHarness h;
  h.Linker();
  CHECK(h.service->Run(CommitOutOfOrder(&h.service->db(), h.linker.get())) == std::vector<std::int64_t>{0, 2});
  CHECK(h.Broken() == "");
}

TEST_CASE("Audit_RestoredIntoANewCluster_GoesOn") {
  AuditHarness h;
  h.Append(2);
  REQUIRE(h.Link() == 2);
  // What a dump brings along: transaction numbers far above the new cluster's.
  h.pg.Exec("UPDATE svc.audit SET xid = '999999999999'; UPDATE svc.audit_chain SET xid = '999999999999'");
  h.Append(2);
  CHECK(h.Link() == 2);
  h.Append(1);
  CHECK(h.Link() == 1);
  CHECK(h.Broken() == "");
}

TEST_CASE("Audit_Linker_RunsByItselfAndTellsItsHead") {
  AuditHarness h;
  LinkerOptions options;
  options.interval = 5ms;
  AuditHead told;
  options.on_head = [&](const AuditHead& head) { told = head; };
  h.Append(4);
  h.Linker(options);
  OnLoop(h.service->loop(), [&] { h.linker->Start(); });
  const auto wait = [](AuditHead* told) -> async::Task<bool> {
    const auto deadline = Soon();
    while (told->position == 0 && !deadline.Expired()) co_await async::Sleep(1ms);
    co_return told->position == 4;
  };
  CHECK(h.service->Run(wait(&told)));
  h.service->Run(h.linker->Stop(Soon()));
  CHECK(VerifyAudit(h.pg.dsn(), "svc", told).ok());
}

TEST_CASE("Audit_UnlinkedTooLong_IsCountedOnce") {
  AuditHarness h;
  LinkerOptions options;
  options.interval = 1ms;
  h.Append(3);
  // Somebody else holds the linker's lock, and does nothing.
  const auto hold = [](Database* db, AuditLinker* linker, RecordedMetrics* metrics) -> async::Task<bool> {
    constexpr Statement kHold{"hold", "SELECT pg_advisory_xact_lock(x'41554449'::int, hashtext(current_schema()))"};
    auto tx = co_await db->Begin(Soon());
    (void)co_await tx->Query(kHold);
    linker->Start();
    const auto deadline = Soon();
    while (metrics->counts["haven_store_audit_late_total"] == 0 && !deadline.Expired()) co_await async::Sleep(1ms);
    co_await async::Sleep(20ms);  // more passes: counted once all the same
    co_return metrics->counts["haven_store_audit_late_total"] == 3;
  };
  options.late_after = 0ms;
  h.Linker(options);
  CHECK(h.service->Run(hold(&h.service->db(), h.linker.get(), &h.metrics)));
  h.service->Run(h.linker->Stop(Soon()));
}

}  // namespace
}  // namespace haven::store
