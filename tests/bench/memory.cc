// What the hub's process holds: at rest, and with 10,000 conversations open and their pages watching.
#include <algorithm>
#include <thread>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/page.h"

namespace haven::bench {
namespace {

constexpr std::size_t kConversations = 10'000, kThreads = 16;
constexpr double kIdleAimMb = 150, kOpenAimMb = 400;

void InParallel(std::vector<Page>& pages, void (*work)(Page&)) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&pages, work, t] {
      for (std::size_t i = t; i < pages.size(); i += kThreads) work(pages[i]);
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace

int RunMemory(const Stage& stage) {
  Print("memory", "idle", "rss_mb", ResidentMb(stage.hub), "MB", kIdleAimMb);
  std::vector<Page> pages;
  pages.reserve(kConversations);
  for (std::size_t i = 0; i < kConversations; ++i) pages.emplace_back(stage.chat_port);
  InParallel(pages, [](Page& page) {
    page.Start();
    page.Close();
  });
  Postgres sql(stage.postgres);
  sql.WaitDelivered(60);
  Print("memory", "conversations-10000", "rss_mb", ResidentMb(stage.hub), "MB", kOpenAimMb);
  InParallel(pages, [](Page& page) { page.Watch(); });
  Print("memory", "conversations-10000-watched", "rss_mb", ResidentMb(stage.hub), "MB", kOpenAimMb);
  if (const long open = sql.Number("SELECT count(*) FROM channels.contact WHERE state = 1");
      open != static_cast<long>(kConversations)) {
    Fail(std::to_string(open) + " contacts are open");
  }
  return 0;
}

}  // namespace haven::bench
