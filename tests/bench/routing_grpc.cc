// What one call costs the hub: its CPU from before the first call until nothing of them is left to do, less an echo's.
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/async/block_on.h"
#include "libs/async/wait.h"
#include "tests/bench/routing.h"

namespace haven::bench {
namespace {

constexpr int kAtOnce = 64;
constexpr long kCalls = 20'000;
constexpr int kRounds = 3;
constexpr long kOffers = 1000;  // a round
constexpr double kRestSeconds = 5;
constexpr double kActivityAimUs = 60, kAcceptAimUs = 200;

async::Task<void> SleepFor(double seconds) {
  co_await async::Sleep(std::chrono::nanoseconds(static_cast<long>(seconds * 1e9)));
}

struct Cost {
  double per_second = 0, cpu_us = 0;
};

// CPU a second that the hub needs at rest: the sweep over what waits, leases.
double AtRest(Hub& hub) {
  const double cpu = CpuOf(hub.stage().hub);
  const auto begun = Clock::now();
  async::BlockOn(hub.loop(), SleepFor(kRestSeconds));
  return (CpuOf(hub.stage().hub) - cpu) / SecondsSince(begun);
}

// `settle` is waited for within the measured CPU but not the measured time; `rest` is taken off.
Cost Measure(Hub& hub, double rest, long calls, std::function<async::Task<void>(long)> call,
             std::function<void()> settle) {
  const double cpu = CpuOf(hub.stage().hub);
  const auto begun = Clock::now();
  hub.ForEach(calls, kAtOnce, std::move(call));
  const double seconds = SecondsSince(begun);
  settle();
  const double n = static_cast<double>(calls);
  return {n / seconds, 1e6 * (CpuOf(hub.stage().hub) - cpu - rest * SecondsSince(begun)) / n};
}

async::Task<void> OneEcho(Hub* hub) {
  co_await hub->Echo();
}
async::Task<void> OneActivity(Hub* hub, std::string agent, routing::v1::Activity activity) {
  co_await hub->SetActivity(agent, activity);
}

struct Held {
  Offered offered;
  long epoch = 0;
};
async::Task<void> OneAccept(Hub* hub, Held* held) {
  held->epoch = co_await hub->Accept(held->offered.agent, held->offered.reservation);
}
async::Task<void> OneEnd(Hub* hub, Held* held) {
  co_await hub->End(held->offered.agent, held->offered.contact, held->epoch);
}
async::Task<bool> Full(std::deque<Held>* offers, std::size_t wanted) {
  for (int i = 0; i < 2000 && offers->size() < wanted; ++i) co_await async::Sleep(std::chrono::milliseconds(10));
  co_return offers->size() >= wanted;
}

}  // namespace

void MeasureGrpc(Hub& hub) {
  Postgres sql(hub.stage().postgres);
  const auto echo = [&hub](long) { return OneEcho(&hub); };
  const double rest = AtRest(hub);
  Measure(hub, rest, kCalls / 4, echo, [] {});  // warm
  const Cost empty = Measure(hub, rest, kCalls, echo, [] {});

  const auto agents = hub.Agents("b");
  const auto activity = [&hub, &agents](long i) {
    const auto n = static_cast<std::size_t>(i);
    // Each call changes something.
    const bool lunch = n / agents.size() % 2 == 0;
    return OneActivity(&hub, agents[n % agents.size()].id,
                       lunch ? routing::v1::ACTIVITY_LUNCH : routing::v1::ACTIVITY_BREAK);
  };
  const Cost set = Measure(hub, rest, kCalls, activity, [] {});
  Print("routing", "at-rest", "server_cpu", rest, "cores");
  Print("routing", "grpc-echo", "per_second", empty.per_second, "calls/s");
  Print("routing", "grpc-echo", "server_cpu_us", empty.cpu_us, "us/call");
  Print("routing", "grpc-activity", "per_second", set.per_second, "calls/s");
  Print("routing", "grpc-activity", "server_cpu_us", set.cpu_us - empty.cpu_us, "us/call above echo", kActivityAimUs);

  const auto wide = hub.Agents("w");
  std::deque<Held> offers;
  Cost accept;
  {
    Offers reader(hub, [&offers](Offered offered) { offers.push_back({std::move(offered)}); });
    hub.BringIn(wide, true);
    for (int round = 0; round < kRounds; ++round) {
      hub.EnqueueAll(kGrpcFirst + round * kOffers, kOffers, [](long) { return std::pair("wide", "en"); });
      if (!async::BlockOn(hub.loop(), Full(&offers, kOffers))) Fail(absl::StrCat("only ", offers.size(), " offers"));
      sql.WaitDelivered(30);
      const Cost one = Measure(
          hub, rest, kOffers, [&](long i) { return OneAccept(&hub, &offers[static_cast<std::size_t>(i)]); },
          [&sql] { sql.WaitDelivered(30); });
      accept.per_second += one.per_second / kRounds;
      accept.cpu_us += one.cpu_us / kRounds;
      hub.ForEach(kOffers, kAtOnce, [&](long i) { return OneEnd(&hub, &offers[static_cast<std::size_t>(i)]); });
      sql.WaitDelivered(30);
      offers.clear();
    }
    hub.SetAll(wide, routing::v1::ACTIVITY_BREAK);
  }
  Print("routing", "grpc-accept", "per_second", accept.per_second, "calls/s");
  Print("routing", "grpc-accept", "server_cpu_us", accept.cpu_us - empty.cpu_us, "us/call above echo", kAcceptAimUs);
}

}  // namespace haven::bench
