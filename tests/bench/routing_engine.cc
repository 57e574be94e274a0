// 300 agents that take, complete and finish whatever is offered, as fast as the hub lets them, with 5,000 waiting.
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/async/block_on.h"
#include "libs/async/wait.h"
#include "tests/bench/replay.h"
#include "tests/bench/routing.h"

namespace haven::bench {
namespace {

constexpr long kWaiting = 5000;
constexpr long kMost = kGrpcFirst - kEngineFirst;
constexpr std::chrono::seconds kLifeLimit{30};
constexpr double kWarmSeconds = 3, kSeconds = 12, kRecordedSeconds = 6;
constexpr const char* kLanguages[] = {"en", "ar", "fr"};

std::pair<std::string, std::string> Place(long number) {
  return {absl::StrCat("b", number % 10), kLanguages[number / 10 % 3]};
}

struct Run {
  Hub* hub = nullptr;
  async::TaskGroup* group = nullptr;
  bool open = true;
  long next = 0;                                           // contact to enqueue
  long finished = 0;                                       // lives
  std::unordered_map<std::string, async::Event> ended;     // contacts under way, until the ledger has closed them
  std::unordered_map<std::string, async::Semaphore> busy;  // agents do one thing after the other
};

async::Task<void> EnqueueNext(Run* run) {
  const long number = run->next++;
  if (number >= kMost) Fail("the benchmark has used up its contacts");
  auto [queue, language] = Place(number);
  co_await run->hub->Enqueue(number, queue, language);
}

async::Task<void> Live(Run* run, Offered offered) {
  async::Semaphore& busy = run->busy.try_emplace(offered.agent, 1).first->second;
  const auto turn = co_await busy.Acquire(core::Deadline::After(kLifeLimit));
  if (!run->open) co_return;
  async::Event& ended = run->ended[offered.contact];
  const long epoch = co_await run->hub->Accept(offered.agent, offered.reservation);
  if (epoch == 0) co_return;
  run->group->Spawn(EnqueueNext(run));  // as many wait as before
  const bool done = co_await run->hub->End(offered.agent, offered.contact, epoch);
  // Channels and the ledger have closed it: without this the hand-offs of the lives before would pile up.
  const bool closed = co_await ended.Wait(core::Deadline::After(kLifeLimit));
  if (!closed) Fail("a contact was not closed within " + std::to_string(kLifeLimit.count()) + " s");
  run->ended.erase(offered.contact);
  run->finished += done ? 1 : 0;
}

async::Task<long> Finished(Run* run) {
  co_return run->finished;
}
async::Task<void> Close(Run* run) {
  run->open = false;
  co_return;
}
async::Task<void> SleepFor(double seconds) {
  co_await async::Sleep(std::chrono::nanoseconds(static_cast<long>(seconds * 1e9)));
}
async::Task<void> Idle(async::TaskGroup* group) {
  while (group->active() > 0) co_await async::Sleep(std::chrono::milliseconds(5));
}

}  // namespace

double MeasureEngine(Hub& hub) {
  Postgres sql(hub.stage().postgres);
  const auto agents = hub.Agents("b");
  hub.EnqueueAll(kEngineFirst, kWaiting, Place);
  sql.WaitDelivered(60);
  async::TaskGroup group(hub.loop(), "lives");
  Run run;
  run.hub = &hub;
  run.group = &group;
  run.next = kEngineFirst + kWaiting;
  const auto on_offer = [&run](Offered offered) {
    if (run.open) run.group->Spawn(Live(&run, std::move(offered)));
  };
  const auto on_end = [&run](const std::string& contact) {
    const auto at = run.ended.find(contact);
    if (at != run.ended.end()) at->second.Set();
  };
  Offers offers(hub, on_offer, on_end);
  hub.BringIn(agents, true);
  async::BlockOn(hub.loop(), SleepFor(kWarmSeconds));

  const long finished_before = async::BlockOn(hub.loop(), Finished(&run));
  const double redis_before = CpuOf(hub.stage().redis), hub_before = CpuOf(hub.stage().hub);
  const double postgres_before = CpuOfChildren(hub.stage().postgres_server);
  const double wall_before = WallNow();
  const auto begun = Clock::now();
  async::BlockOn(hub.loop(), SleepFor(kSeconds));
  const double seconds = SecondsSince(begun);
  const double redis = CpuOf(hub.stage().redis) - redis_before, server = CpuOf(hub.stage().hub) - hub_before;
  const double postgres = CpuOfChildren(hub.stage().postgres_server) - postgres_before;
  const long finished = async::BlockOn(hub.loop(), Finished(&run)) - finished_before;
  const double wall_after = WallNow();

  // The same load goes on, recorded.
  Recorder recorder(hub.stage());
  const long recorded_before = async::BlockOn(hub.loop(), Finished(&run));
  async::BlockOn(hub.loop(), SleepFor(kRecordedSeconds));
  recorder.Stop();
  const long recorded = async::BlockOn(hub.loop(), Finished(&run)) - recorded_before;
  async::BlockOn(hub.loop(), Close(&run));
  async::BlockOn(hub.loop(), Idle(&group));
  hub.SetAll(agents, routing::v1::ACTIVITY_BREAK);
  sql.WaitDelivered(60);

  // A life is whole when both the agent has finished and channels has closed the contact.
  const long closed = sql.Number(absl::StrFormat(
      "SELECT count(*) FROM routing.ledger WHERE state = 4 AND ended_time >= to_timestamp(%.6f) AND ended_time < "
      "to_timestamp(%.6f)",
      wall_before, wall_after));
  const double lives = static_cast<double>(std::min(finished, closed));
  if (finished == 0 || recorded == 0) Fail("no contact was handled");
  if (const long open = sql.Number("SELECT count(*) FROM routing.ledger WHERE state IN (2, 3)"); open > 0)
    Fail(absl::StrCat(open, " contacts are still with agents who have finished all of theirs"));
  const auto replayed = recorder.Replay();
  if (lives == 0 || replayed.calls == 0) Fail(absl::StrCat(lives, " lives, ", replayed.calls, " calls recorded"));
  if (replayed.refused * 100 > replayed.calls) Fail(absl::StrCat(replayed.refused, " calls of the replay failed"));
  const double replayed_lives = static_cast<double>(recorded);
  Print("routing", "engine", "per_second", lives / seconds, "lifecycles/s", replayed_lives / replayed.seconds);
  Print("routing", "engine", "redis_cpu_us", 1e6 * redis / lives, "us/lifecycle", 1e6 * replayed.cpu / replayed_lives);
  Print("routing", "engine", "server_cpu_us", 1e6 * server / lives, "us/lifecycle");
  Print("routing", "engine", "postgres_cpu_us", 1e6 * postgres / lives, "us/lifecycle");
  Print("routing", "engine", "scripts", static_cast<double>(replayed.calls) / replayed_lives, "scripts/lifecycle");
  return lives / seconds;
}

}  // namespace haven::bench
