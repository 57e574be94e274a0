// Figures, not verdicts: run with the tag [benchmark].
#include <algorithm>
#include <iostream>

#include "libs/async/task_group.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

using Clock = std::chrono::steady_clock;

async::Task<void> Write(TestHub* hub, std::string token, int count, std::vector<double>* ms, int* failed) {
  for (int i = 0; i < count; ++i) {
    v1::PostMessageRequest request;
    request.set_text("We need a tent and blankets, the water is coming in since last night.");
    request.set_request_id(NewId());
    rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(60)));
    options.token = token;
    const auto begin = Clock::now();
    auto posted = co_await hub->channel().Call<v1::PostMessageRequest, v1::PostMessageResponse>(
        std::string(kWebchat) + "PostMessage", request, std::move(options));
    if (!posted.ok()) ++*failed;
    ms->push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
}

void Measure(TestHub& hub, std::vector<Visitor>& visitors, const char* what, int total) {
  for (const std::size_t writers : {std::size_t{1}, std::size_t{16}, std::size_t{64}}) {
    std::vector<double> ms;
    int failed = 0;
    const int each = total / static_cast<int>(writers);
    const auto begin = Clock::now();
    async::TaskGroup group(hub.loop(), "writers");
    for (std::size_t i = 0; i < writers; ++i) group.Spawn(Write(&hub, visitors[i].token, each, &ms, &failed));
    for (int waits = 0; waits < 10; ++waits) {
      if (hub.Eventually([&] { return group.active() == 0; })) break;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(ms.begin(), ms.end());
    REQUIRE(failed == 0);
    std::cout << what << ", " << writers << " at once: " << static_cast<int>(static_cast<double>(ms.size()) / seconds)
              << " per second, p50 " << ms[ms.size() / 2] << " ms, p99 " << ms[ms.size() * 99 / 100] << " ms\n";
  }
}

TEST_CASE("PostMessage: rate and latency in-process", "[.][benchmark]") {
  TestHub hub({.flags = {"--channels.starts-per-source=1000"}});
  RoutingCaller routing(hub);
  std::vector<Visitor> visitors;
  for (int i = 0; i < 64; ++i) visitors.push_back(Visitor::Start(hub));
  Measure(hub, visitors, "contact with the flow", 3200);
  for (auto& visitor : visitors) REQUIRE(routing.Owner(visitor.Contact(), 2, kAmal).ok());
  Measure(hub, visitors, "contact with an agent", 3200);
}

}  // namespace
}  // namespace haven::channels::testing
