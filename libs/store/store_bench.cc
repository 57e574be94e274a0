// Figures of README.md: store_bench [seconds per case]. Uses the server of HAVEN_TEST_PG, or a private one.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <cstdlib>

#include "libs/store/audit.h"
#include "libs/store/inbox.h"
#include "libs/store/outbox.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

constexpr Statement kInsert{"insert", "INSERT INTO t(v) VALUES ($1)"};
constexpr Statement kRead{"read", "SELECT 1"};

struct Run {
  Database* db;
  Dispatcher* dispatcher;
  core::Deadline until;
  int running = 0;
  std::int64_t done = 0, failed = 0, next = 0;
  std::vector<double> millis = {};
};

using Step = async::Task<absl::Status> (*)(Run*, std::int64_t);

async::Task<absl::Status> Insert(Run* run, std::int64_t i) {
  co_return (co_await run->db->Query(Soon(), kInsert, Params().Int(i))).status();
}

async::Task<absl::Status> Read(Run* run, std::int64_t) {
  co_return (co_await run->db->Query(Soon(), kRead)).status();
}

async::Task<absl::Status> Transact(Run* run, std::int64_t i) {
  auto tx = co_await run->db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  tx->Queue(kInsert, Params().Int(i));
  co_return co_await tx->Commit();
}

// Lock and read; then write, hand off, audit and commit: two round trips.
async::Task<absl::Status> Typical(Run* run, std::int64_t i) {
  constexpr Statement kLock{"lock", "SELECT v FROM c WHERE id = $1 FOR UPDATE"};
  constexpr Statement kUpdate{"update", "UPDATE c SET v = v + 1 WHERE id = $1"};
  auto tx = co_await run->db->Begin(Soon());
  if (!tx.ok()) co_return tx.status();
  tx->Queue(kLock, Params().Int(i % 5000));
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  tx->Queue(kUpdate, Params().Int(i % 5000));
  tx->Queue(kInsert, Params().Int(i));
  Handoff handoff{"a" + std::to_string(i % 5000), "x", "work", "payload"};
  run->dispatcher->Append(*tx, std::move(handoff));
  AuditEntry entry{"user:1", "contact.transfer", "contact:1", "{}", absl::Now()};
  AppendAudit(*tx, entry);
  co_return co_await tx->Commit();
}

async::Task<void> Worker(Run* run, Step step) {
  ++run->running;
  while (!run->until.Expired()) {
    const auto start = std::chrono::steady_clock::now();
    const auto status = co_await step(run, run->next++);
    run->millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    ++(status.ok() ? run->done : run->failed);
  }
  --run->running;
}

async::Task<void> Measure(Run* run, Step step, int workers) {
  for (int i = 0; i < workers; ++i) {
    boost::asio::co_spawn(run->db->executor(), Worker(run, step), boost::asio::detached);
  }
  co_await async::Sleep(1ms);
  while (run->running > 0) co_await async::Sleep(1ms);
}

void Case(Service& service, Dispatcher* dispatcher, const char* name, Step step, int workers, double seconds) {
  Run run{&service.db(), dispatcher, core::Deadline::After(std::chrono::milliseconds(int(seconds * 1000)))};
  const auto cpu = clock();
  service.Run(Measure(&run, step, workers));
  const double cpu_us = double(clock() - cpu) / CLOCKS_PER_SEC * 1e6 / double(std::max<std::int64_t>(run.done, 1));
  std::sort(run.millis.begin(), run.millis.end());
  const auto at = [&](double q) { return run.millis[static_cast<std::size_t>(q * double(run.millis.size() - 1))]; };
  std::printf("%-28s %3d in flight: per_second %8.0f  p50_ms %6.2f  p99_ms %6.2f  client_cpu_us %5.0f  failed %lld\n",
              name, workers, double(run.done) / seconds, at(0.5), at(0.99), cpu_us, static_cast<long long>(run.failed));
}

int Main(double seconds) {
  testing::PostgresFixture pg;
  pg.Migrate({"svc"}, {{"svc", kFirstServiceVersion, "bench",
                        "CREATE TABLE t(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v bigint);"
                        "CREATE TABLE c(id bigint PRIMARY KEY, v bigint); INSERT INTO c SELECT g, 0 FROM"
                        " generate_series(0, 4999) g"}});
  for (const int connections : {8, 16, 32}) {
    DatabaseOptions options;
    options.dsn = pg.dsn();
    options.schema = "svc";
    options.role = "haven_svc";
    options.connections = connections;
    Service service(options);
    std::printf("connections %d\n", connections);
    for (const int workers : {1, 32, 64}) Case(service, nullptr, "durable insert", Insert, workers, seconds);
    for (const int workers : {1, 64}) Case(service, nullptr, "read", Read, workers, seconds);
    for (const int workers : {1, 32, 64})
      Case(service, nullptr, "transaction of one insert", Transact, workers, seconds);
    std::unique_ptr<Dispatcher> dispatcher;
    OnLoop(service.loop(), [&] {
      dispatcher = std::make_unique<Dispatcher>(service.db(), DispatcherOptions{});
      dispatcher->Register(
          "work",
          {[](core::Deadline, OutboxRow) { return Called<absl::Status>([] { return absl::OkStatus(); }); }, nullptr});
      dispatcher->Start();
    });
    for (const int workers : {1, 32, 64}) {
      Case(service, dispatcher.get(), "lock+write+handoff+audit", Typical, workers, seconds);
    }
    service.Run(dispatcher->Drain(core::Deadline::After(60s)));
    OnLoop(service.loop(), [&] { dispatcher.reset(); });
  }
  return 0;
}

}  // namespace
}  // namespace haven::store

int main(int argc, char** argv) {
  return haven::store::Main(argc > 1 ? std::atof(argv[1]) : 3);
}
