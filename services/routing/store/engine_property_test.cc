#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_replace.h"
#include "libs/testing/redis_fixture.h"
#include "services/routing/testing/compare.h"

// Random histories against the model and against Redis. HAVEN_ROUTING_SEED and HAVEN_ROUTING_OPERATIONS repeat or
// prolong.
namespace haven::routing::testing {
namespace {

long FromEnvironment(const char* name, long usual) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::strtol(given, nullptr, 10) : usual;
}

std::uint32_t FirstSeed() {
  return static_cast<std::uint32_t>(FromEnvironment("HAVEN_ROUTING_SEED", 20261122));
}

// Runs it; a failure is told as the shortest history that still fails.
void MustAgree(std::uint32_t seed, std::size_t length, RedisHub& hub, const CompareOptions& options) {
  const History history = RandomHistory(seed, length);
  if (!Compare(history, hub, options)) return;
  CompareOptions exact{
      .batch = 1, .rules = true, .unfinished = options.unfinished, .tally = nullptr, .left_over = nullptr};
  const auto run = [&](const History& h) { return Compare(h, hub, exact); };
  const History shortest = Shrink(history, run);
  const auto failure = run(shortest);
  FAIL("seed " << seed << ", " << shortest.size() << " operations:\n"
               << Describe(shortest) << (failure ? failure->what : "fails only in batches"));
}

TEST_CASE("scripts and model agree over random histories") {
  haven::testing::RedisFixture server;
  Connection redis(server.target());
  RedisHub hub(redis, Scripts(), "p");
  const long total = FromEnvironment("HAVEN_ROUTING_OPERATIONS", 200'000);
  Tally tally;
  long done = 0;
  for (std::uint32_t seed = FirstSeed(); done < total; ++seed) {
    MustAgree(seed, 2'000, hub,
              {.batch = 25, .rules = false, .unfinished = false, .tally = &tally, .left_over = nullptr});
    done = 0;
    for (const auto& [answer, times] : tally) done += times;
  }
  std::cout << done << " operations agree\n";
  for (const auto& [answer, times] : tally) {
    std::cout << "  " << Scripts().of(answer.first).name() << " " << answer.second << " " << times << "\n";
  }
}

TEST_CASE("the rules hold after every operation") {
  haven::testing::RedisFixture server;
  Connection redis(server.target());
  RedisHub hub(redis, Scripts(), "p");
  for (std::uint32_t i = 0; i < 6; ++i) {
    MustAgree(FirstSeed() + 100'000 + i, 500, hub,
              {.batch = 1, .rules = true, .unfinished = false, .tally = nullptr, .left_over = nullptr});
  }
}

// Where a look at the heads raises one bound and then leaves the rest to the next tick.
TEST_CASE("matching that is left over is taken up again") {
  haven::testing::RedisFixture server;
  Connection redis(server.target());
  const Scripts hasty([](std::string_view, std::string text) {
    return absl::StrReplaceAll(text, {{"MAX_RAISED = 8, 32, 8, 32, 40, 32", "MAX_RAISED = 8, 32, 8, 32, 40, 1"},
                                      {"at + 7,", "at,"},
                                      {"at = at + 8", "at = at + 1"},
                                      {"#r < 16", "#r < 2"}});
  });
  REQUIRE(hasty.of(Step::kTick).sha1() != Scripts().of(Step::kTick).sha1());
  RedisHub hub(redis, hasty, "p");
  int left_over = 0;
  for (std::uint32_t i = 0; i < 6; ++i) {
    MustAgree(FirstSeed() + 200'000 + i, 500, hub,
              {.batch = 1, .rules = false, .unfinished = true, .tally = nullptr, .left_over = &left_over});
  }
  CHECK(left_over > 10);
}

}  // namespace
}  // namespace haven::routing::testing
