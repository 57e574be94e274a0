#include "libs/core/clock.h"

#include <catch2/catch.hpp>

#include "libs/core/deadline.h"

namespace haven::core {
namespace {

TEST_CASE("ManualClock_MovesOnlyWhenTold") {
  ManualClock clock(absl::FromUnixSeconds(100));
  CHECK(clock.Now() == absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  CHECK(clock.Now() == absl::FromUnixSeconds(105));
}

TEST_CASE("Deadline_AStepMayAskForLess_NeverForMore") {
  const auto caller = Deadline::After(std::chrono::seconds(10));
  CHECK(caller.AtMost(std::chrono::hours(1)).at() == caller.at());
  CHECK(caller.AtMost(std::chrono::seconds(1)).at() < caller.at());
}

}  // namespace
}  // namespace haven::core
