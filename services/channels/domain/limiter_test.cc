#include "services/channels/domain/limiter.h"

#include <catch2/catch.hpp>
#include <string>

namespace haven::channels {
namespace {

using std::chrono::milliseconds;

TEST_CASE("A rate allows its events at once and then one per interval") {
  SourceLimiter limiter({3, milliseconds(30'000)}, 100);
  constexpr std::int64_t kNow = 1'000'000;
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limiter.Admit("a", kNow));
  const auto wait = limiter.Admit("a", kNow);
  REQUIRE(wait);
  CHECK(*wait == milliseconds(10'000));
  CHECK(limiter.Admit("a", kNow + 9'999));
  CHECK_FALSE(limiter.Admit("a", kNow + 10'000));
  CHECK(limiter.Admit("a", kNow + 10'000));
}

TEST_CASE("A flood from one source harms no other and takes no memory") {
  SourceLimiter limiter({5, milliseconds(60'000)}, 100);
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) admitted += limiter.Admit("flood", 1'000 + i / 100) ? 0 : 1;
  CHECK(admitted == 5);
  CHECK(limiter.sources() == 1);
  CHECK_FALSE(limiter.Admit("other", 1'000));
}

TEST_CASE("The table is bounded and forgets sources that no longer count") {
  SourceLimiter limiter({1, milliseconds(1'000)}, 50);
  for (int i = 0; i < 500; ++i) CHECK_FALSE(limiter.Admit(std::to_string(i), 1'000));
  CHECK(limiter.sources() == 50);
  CHECK_FALSE(limiter.Admit("late", 10'000));
  CHECK(limiter.sources() == 1);
  CHECK(limiter.Admit("late", 10'001));
}

TEST_CASE("A clock that steps back does not open the gates") {
  SourceLimiter limiter({1, milliseconds(1'000)}, 50);
  CHECK_FALSE(limiter.Admit("a", 10'000));
  CHECK(limiter.Admit("a", 9'000));
}

}  // namespace
}  // namespace haven::channels
