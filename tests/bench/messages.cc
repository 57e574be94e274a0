// Visitors who write through the edge, each message as soon as the one before was acknowledged, and the agents' feeds
// that show it.
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/desk/v1/feed_service.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/wait.h"
#include "tests/bench/hub.h"
#include "tests/bench/page.h"

namespace haven::bench {
namespace {

constexpr std::size_t kVisitors = 32;
constexpr double kWarmSeconds = 2, kSeconds = 15, kPacedSeconds = 15;
using FeedStream = rpc::Stream<desk::v1::WatchResponse>;

// What was written and not yet seen on a feed, by its text.
class Ledger {
 public:
  void Sent(const std::string& text, double at) {
    const std::lock_guard lock(mutex_);
    sent_[text] = at;
  }
  void Seen(const std::string& text, double at) {
    const std::lock_guard lock(mutex_);
    const auto sent = sent_.find(text);
    if (sent == sent_.end()) return;
    if (measuring_) to_feed_.push_back(1e3 * (at - sent->second));
    sent_.erase(sent);
  }
  void Acknowledged(double milliseconds) {
    const std::lock_guard lock(mutex_);
    if (measuring_) to_answer_.push_back(milliseconds);
  }
  void Measure(bool on) {
    const std::lock_guard lock(mutex_);
    measuring_ = on;
    if (on) {
      to_feed_.clear();
      to_answer_.clear();
    }
  }
  std::size_t unseen() {
    const std::lock_guard lock(mutex_);
    return sent_.size();
  }
  std::vector<double> TakeToFeed() { return std::exchange(to_feed_, {}); }
  std::vector<double> TakeToAnswer() { return std::exchange(to_answer_, {}); }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, double> sent_;
  std::vector<double> to_feed_, to_answer_;
  bool measuring_ = false;
};

struct Run {
  Hub* hub;
  async::TaskGroup* group;
  Ledger ledger;
  std::size_t connected = 0, held = 0;
  bool over = false;
  std::vector<FeedStream*> streams;
};

async::Task<void> Take(Run* run, std::string agent, std::string reservation) {
  co_await run->hub->Accept(agent, reservation);
}

async::Task<void> Feed(Run* run, std::string agent) {
  desk::v1::WatchRequest request;
  request.set_agent_id(agent);
  rpc::CallOptions options(core::Deadline::After(std::chrono::minutes(5)));
  auto stream = run->hub->integrator().ServerStream<desk::v1::WatchRequest, desk::v1::WatchResponse>(
      "haven.desk.v1.FeedService/Watch", request, std::move(options));
  run->streams.push_back(&stream);
  bool first = true, holds = false;
  for (;;) {
    auto item = co_await stream.Next();
    if (!item) break;
    const double now = WallNow();
    if (std::exchange(first, false)) ++run->connected;
    const auto& offers = item->has_snapshot() ? item->snapshot().offers() : item->update().offers();
    for (const auto& offer : offers) run->group->Spawn(Take(run, agent, offer.reservation().id()));
    for (const auto& contact : item->update().contacts()) {
      for (const auto& message : contact.messages()) run->ledger.Seen(message.text(), now);
    }
    for (const auto& message : item->update().messages()) run->ledger.Seen(message.text(), now);
    if (!holds && item->update().contacts_size() > 0) {
      holds = true;
      ++run->held;
    }
  }
  if (!run->over) Fail("a feed has ended: " + stream.status().ToString());
}

async::Task<bool> Reached(const std::size_t* value, std::size_t wanted) {
  for (int i = 0; i < 2000 && *value < wanted; ++i) co_await async::Sleep(std::chrono::milliseconds(10));
  co_return *value >= wanted;
}
async::Task<void> AllSeen(Ledger* ledger) {
  for (int i = 0; i < 1000 && ledger->unseen() > 0; ++i) co_await async::Sleep(std::chrono::milliseconds(10));
}
async::Task<void> Idle(async::TaskGroup* group) {
  while (group->active() > 0) co_await async::Sleep(std::chrono::milliseconds(5));
}
async::Task<void> CloseFeeds(Run* run) {
  run->over = true;
  for (FeedStream* stream : run->streams) stream->Cancel();
  co_return;
}

// Each page on a thread of its own until `stop`; a message every `gap` seconds, 0 is one after the other.
void Write(std::vector<Page>& pages, Ledger& ledger, double gap, double warm, double seconds) {
  static std::atomic<long> number{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    threads.emplace_back([&, i] {
      auto next =
          Clock::now() + std::chrono::nanoseconds(static_cast<long>(1e9 * gap * static_cast<double>(i) / kVisitors));
      while (!stop) {
        if (gap > 0) {
          std::this_thread::sleep_until(next);  // the pace of a person
          next += std::chrono::nanoseconds(static_cast<long>(1e9 * gap));
        }
        const std::string text = absl::StrCat("bench message ", ++number);
        const auto begun = Clock::now();
        ledger.Sent(text, WallNow());
        pages[i].Call("PostMessage",
                      {{"text", text}, {"requestId", core::NewUuid(core::SystemClock(), core::SystemRandom())}});
        ledger.Acknowledged(1e3 * SecondsSince(begun));
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(warm));
  ledger.Measure(true);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  ledger.Measure(false);
  stop = true;
  for (auto& thread : threads) thread.join();
}

// Messages a second. Every message that was acknowledged comes to its feed.
double Report(Hub& hub, const char* name, Ledger& ledger, double seconds, double fdatasync) {
  async::BlockOn(hub.loop(), AllSeen(&ledger));
  if (ledger.unseen() > 0) Fail(absl::StrCat(ledger.unseen(), " messages are on no feed"));
  auto to_feed = ledger.TakeToFeed(), to_answer = ledger.TakeToAnswer();
  if (to_feed.empty()) Fail("no message reached a feed");
  const double per_second = static_cast<double>(to_feed.size()) / seconds;
  Print("messages", name, "per_second", per_second, "messages/s", fdatasync);
  Print("messages", name, "p50_ms", Percentile(to_feed, 0.5), "ms");
  Print("messages", name, "p99_ms", Percentile(to_feed, 0.99), "ms");
  Print("messages", name, "committed_p50_ms", Percentile(to_answer, 0.5), "ms");
  Print("messages", name, "committed_p99_ms", Percentile(to_answer, 0.99), "ms");
  return per_second;
}

}  // namespace

int RunMessages(const Stage& stage) {
  const double fdatasync = FdatasyncRate(stage.folder, 2);
  Hub hub(stage);
  auto agents = hub.Agents("q");
  agents.resize(kVisitors);
  async::TaskGroup feeds(hub.loop(), "feeds"), group(hub.loop(), "takes");
  Run run{&hub, &group, {}, 0, 0, false, {}};
  for (const Agent& agent : agents) feeds.Spawn(Feed(&run, agent.id));
  if (!async::BlockOn(hub.loop(), Reached(&run.connected, kVisitors))) Fail("not all feeds came up");
  hub.BringIn(agents, false);
  std::vector<Page> pages;
  for (std::size_t i = 0; i < kVisitors; ++i) {
    pages.emplace_back(stage.chat_port);
    pages.back().Start();
    pages.back().ChooseSubject();
  }
  if (!async::BlockOn(hub.loop(), Reached(&run.held, kVisitors))) Fail("not every visitor was taken");

  const double cpu = CpuOf(stage.hub);
  const auto begun = Clock::now();
  Write(pages, run.ledger, 0, kWarmSeconds, kSeconds);
  const double used = (CpuOf(stage.hub) - cpu) / SecondsSince(begun);
  const double per_second = Report(hub, "closed", run.ledger, kSeconds, fdatasync);
  Print("messages", "closed", "server_cpu", used, "cores");
  Write(pages, run.ledger, kVisitors / (per_second / 2), kWarmSeconds, kPacedSeconds);
  Report(hub, "paced", run.ledger, kPacedSeconds, fdatasync);
  Print("messages", "fdatasync", "per_second", (fdatasync + FdatasyncRate(stage.folder, 2)) / 2, "flushes/s");
  async::BlockOn(hub.loop(), CloseFeeds(&run));
  async::BlockOn(hub.loop(), Idle(&feeds));
  if (hub.failed() > 0) Fail(absl::StrCat(hub.failed(), " calls failed"));
  return 0;
}

}  // namespace haven::bench
