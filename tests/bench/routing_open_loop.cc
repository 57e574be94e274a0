// Contacts arrive by chance at a given rate, whatever the hub does; agents with feeds take each at once.
#include <cmath>
#include <random>
#include <unordered_map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "haven/desk/v1/feed_service.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/wait.h"
#include "tests/bench/routing.h"

namespace haven::bench {
namespace {

constexpr double kWarmSeconds = 2, kSeconds = 15;
constexpr double kAimMs = 20;
constexpr const char* kWatch = "haven.desk.v1.FeedService/Watch";
using FeedStream = rpc::Stream<desk::v1::WatchResponse>;

struct Run {
  Hub* hub = nullptr;
  async::TaskGroup* group = nullptr;
  int connected = 0;
  bool over = false;
  std::unordered_map<std::string, double> offered;  // by contact: wall time
  std::vector<double> requested;                    // by number
  std::vector<FeedStream*> streams;
};

async::Task<void> Take(Run* run, std::string agent, std::string reservation, std::string contact) {
  const long epoch = co_await run->hub->Accept(agent, reservation);
  if (epoch > 0) co_await run->hub->End(agent, contact, epoch);
}

async::Task<void> Feed(Run* run, std::string agent) {
  desk::v1::WatchRequest request;
  request.set_agent_id(agent);
  rpc::CallOptions options(core::Deadline::After(std::chrono::minutes(5)));
  auto stream = run->hub->integrator().ServerStream<desk::v1::WatchRequest, desk::v1::WatchResponse>(
      kWatch, request, std::move(options));
  run->streams.push_back(&stream);
  bool first = true;
  for (;;) {
    auto item = co_await stream.Next();
    if (!item) break;
    if (std::exchange(first, false)) ++run->connected;
    const auto& offers = item->has_snapshot() ? item->snapshot().offers() : item->update().offers();
    for (const auto& offer : offers) {
      const auto& reservation = offer.reservation();
      if (!run->offered.emplace(reservation.contact_id(), WallNow()).second) continue;
      run->group->Spawn(Take(run, agent, reservation.id(), reservation.contact_id()));
    }
  }
  if (!run->over) Fail("a feed has ended: " + stream.status().ToString());
}

async::Task<bool> AllConnected(Run* run, int wanted) {
  for (int i = 0; i < 2000 && run->connected < wanted; ++i) co_await async::Sleep(std::chrono::milliseconds(10));
  co_return run->connected >= wanted;
}

async::Task<void> One(Run* run, std::size_t number) {
  run->requested[number] = WallNow();
  co_await run->hub->Enqueue(kOpenLoopFirst + static_cast<long>(number), "quick", "en");
}

async::Task<void> Arrivals(Run* run, double per_second, std::size_t count) {
  std::mt19937 random(42);
  std::exponential_distribution<double> gap(per_second);
  auto at = Clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    at += std::chrono::nanoseconds(static_cast<long>(gap(random) * 1e9));
    co_await async::SleepUntil(core::Deadline::At(at));
    run->group->Spawn(One(run, i));
  }
}

async::Task<void> Idle(async::TaskGroup* group) {
  while (group->active() > 0) co_await async::Sleep(std::chrono::milliseconds(5));
}

async::Task<void> AllOffered(Run* run, std::size_t count) {
  for (int i = 0; i < 1000 && run->offered.size() < count; ++i) co_await async::Sleep(std::chrono::milliseconds(10));
}

async::Task<void> CloseFeeds(Run* run) {
  run->over = true;
  for (FeedStream* stream : run->streams) stream->Cancel();
  co_return;
}

}  // namespace

void MeasureOpenLoop(Hub& hub, double per_second) {
  Postgres sql(hub.stage().postgres);
  const auto agents = hub.Agents("q");
  async::TaskGroup feeds(hub.loop(), "feeds"), group(hub.loop(), "arrivals");
  Run run;
  run.hub = &hub;
  run.group = &group;
  for (const Agent& agent : agents) feeds.Spawn(Feed(&run, agent.id));
  if (!async::BlockOn(hub.loop(), AllConnected(&run, static_cast<int>(agents.size())))) Fail("not all feeds came up");
  hub.BringIn(agents, false);

  const auto count = static_cast<std::size_t>((kWarmSeconds + kSeconds) * per_second);
  run.requested.resize(count);
  const double cpu = CpuOf(hub.stage().hub);
  const auto begun = Clock::now();
  group.Spawn(Arrivals(&run, per_second, count));
  async::BlockOn(hub.loop(), Idle(&group));
  const double used = (CpuOf(hub.stage().hub) - cpu) / SecondsSince(begun);
  async::BlockOn(hub.loop(), AllOffered(&run, count));
  async::BlockOn(hub.loop(), Idle(&group));
  async::BlockOn(hub.loop(), CloseFeeds(&run));
  async::BlockOn(hub.loop(), Idle(&feeds));
  if (run.offered.size() < count) Fail(absl::StrCat("only ", run.offered.size(), " of ", count, " were offered"));

  // The row that remembers the hand-off is written by the enqueue alone. PostgreSQL's time of a commit is taken before
  // the flush, so the flush is in the figure.
  std::unordered_map<std::string, double> committed;
  for (const auto& row : sql.Rows("SELECT aggregate, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM "
                                  "routing.inbox WHERE caller = 'bench'")) {
    (void)absl::SimpleAtod(row[1], &committed[row[0]]);
  }
  std::vector<double> from_commit, from_request;
  for (auto i = static_cast<std::size_t>(kWarmSeconds * per_second); i < count; ++i) {
    const std::string contact = Hub::Contact(kOpenLoopFirst + static_cast<long>(i));
    from_commit.push_back(1e3 * (run.offered.at(contact) - committed.at(contact)));
    from_request.push_back(1e3 * (run.offered.at(contact) - run.requested[i]));
  }
  Print("routing", "open-loop", "per_second", per_second, "contacts/s");
  Print("routing", "open-loop", "p50_ms", Percentile(from_commit, 0.5), "ms");
  Print("routing", "open-loop", "p99_ms", Percentile(from_commit, 0.99), "ms", kAimMs);
  Print("routing", "open-loop", "from_request_p50_ms", Percentile(from_request, 0.5), "ms");
  Print("routing", "open-loop", "from_request_p99_ms", Percentile(from_request, 0.99), "ms");
  Print("routing", "open-loop", "server_cpu", used, "cores");
}

}  // namespace haven::bench
