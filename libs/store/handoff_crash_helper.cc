// The process that handoff_crash_test kills: commits hand-offs from schema "caller" and delivers them to schema
// "callee".
//   handoff_crash_helper DSN INSTANCE SEED run|finish
// run: until killed. finish: commits nothing more, delivers what is left, exits 0 when the outbox is empty.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdlib>
#include <random>
#include <string_view>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/store/inbox.h"
#include "libs/store/outbox.h"
#include "libs/store/test_util.h"

namespace haven::store {
namespace {

constexpr int kAggregates = 12;

// The aggregate's row lock makes `n` dense, as the conversation's lock does for a message's sequence.
constexpr Statement kNext{"next",
                          "INSERT INTO counter(aggregate, n) VALUES ($1, 1)"
                          " ON CONFLICT (aggregate) DO UPDATE SET n = counter.n + 1 RETURNING n"};
constexpr Statement kCommitted{"committed", "INSERT INTO committed(aggregate, n) VALUES ($1, $2)"};
constexpr Statement kApplied{"applied", "INSERT INTO applied(aggregate, n) VALUES ($1, $2)"};
constexpr Statement kFallen{"fallen", "INSERT INTO fallen(aggregate, n) VALUES ($1, $2)"};
constexpr Statement kLeft{"left", "SELECT count(*) FROM outbox"};

async::Task<absl::Status> CommitOne(Database* caller, Dispatcher* dispatcher, std::string aggregate) {
  auto tx = co_await caller->Begin(core::Deadline::After(5s));
  if (!tx.ok()) co_return tx.status();
  const auto next = co_await tx->Query(kNext, Params().Text(aggregate));
  if (!next.ok()) co_return next.status();
  const auto n = next->Int(0, 0);
  tx->Queue(kCommitted, Params().Text(aggregate).Int(n));
  Handoff handoff{aggregate, "callee", "apply", std::to_string(n)};
  dispatcher->Append(*tx, std::move(handoff));
  co_return co_await tx->Commit();
}

async::Task<void> CommitForEver(Database* caller, Dispatcher* dispatcher, unsigned seed) {
  std::minstd_rand random(seed);
  while (true) {
    const auto aggregate = "a" + std::to_string(random() % kAggregates);
    const auto status = co_await CommitOne(caller, dispatcher, aggregate);
    if (!status.ok()) co_await async::Sleep(5ms);
  }
}

// As a callee's handler does it; every seventh is refused for good before it reaches the inbox.
async::Task<absl::Status> Apply(Database* callee, OutboxRow row) {
  const std::int64_t n = std::stoll(row.payload);
  if (n % 7 == 0) co_return absl::NotFoundError("refused");
  auto tx = co_await callee->Begin(core::Deadline::After(5s));
  if (!tx.ok()) co_return tx.status();
  auto turn = InboxTurn::Queue(*tx, "caller", row.aggregate, row.sequence, row.previous);
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  if (turn.outcome() == InboxTurn::Outcome::kGap) co_return turn.gap();
  if (turn.outcome() == InboxTurn::Outcome::kDuplicate) co_return absl::OkStatus();
  tx->Queue(kApplied, Params().Text(row.aggregate).Int(n));
  turn.Record(*tx);
  co_return co_await tx->Commit();
}

async::Task<absl::Status> Fall(Transaction* tx, OutboxRow row) {
  tx->Queue(kFallen, Params().Text(row.aggregate).Int(std::stoll(row.payload)));
  co_return absl::OkStatus();
}

async::Task<void> Finish(Database* caller, Dispatcher* dispatcher) {
  while (true) {
    const auto rows = co_await caller->Query(core::Deadline::After(5s), kLeft);
    if (rows.ok() && rows->Int(0, 0) == 0) break;
    co_await async::Sleep(20ms);
  }
  co_await dispatcher->Drain(Soon());
}

int Main(const std::string& dsn, const std::string& instance, unsigned seed, bool finish) {
  DatabaseOptions options;
  options.dsn = dsn;
  options.connections = 4;
  options.role = "haven_caller";
  options.schema = "caller";
  Service caller(options);
  options.role = "haven_callee";
  options.schema = "callee";
  std::unique_ptr<Database> callee;
  std::unique_ptr<Dispatcher> dispatcher;
  OnLoop(caller.loop(), [&] {
    callee = std::make_unique<Database>(caller.loop().executor(), options);
    DispatcherOptions dispatch;
    dispatch.instance = instance;
    dispatch.poll_interval = 50ms;
    dispatch.lease = 2s;
    dispatch.delivery_timeout = 1s;
    dispatcher = std::make_unique<Dispatcher>(caller.db(), dispatch);
    dispatcher->Register("apply",
                         {[&](core::Deadline, OutboxRow row) { return Apply(callee.get(), std::move(row)); },
                          [](Transaction& tx, OutboxRow row, absl::Status) { return Fall(&tx, std::move(row)); }});
    dispatcher->Start();
    for (unsigned i = 0; !finish && i < 6; ++i) {
      boost::asio::co_spawn(caller.loop().executor(), CommitForEver(&caller.db(), dispatcher.get(), seed * 100 + i),
                            boost::asio::detached);
    }
  });
  if (!finish) {
    while (true) pause();
  }
  caller.Run(Finish(&caller.db(), dispatcher.get()));
  OnLoop(caller.loop(), [&] {
    dispatcher.reset();
    callee.reset();
  });
  return 0;
}

}  // namespace
}  // namespace haven::store

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return haven::store::Main(argv[1], argv[2], static_cast<unsigned>(std::atoi(argv[3])),
                            std::string_view(argv[4]) == "finish");
}
