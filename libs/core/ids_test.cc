#include "libs/core/ids.h"

#include <catch2/catch.hpp>
#include <set>

namespace haven::core {
namespace {

TEST_CASE("NewUuid_IsVersion7_AndSortsByTime") {
  ManualClock clock(absl::FromUnixMillis(1'700'000'000'000));
  const auto first = NewUuid(clock, SystemRandom());
  clock.Advance(absl::Milliseconds(1));
  const auto second = NewUuid(clock, SystemRandom());
  CHECK(IsUuid(first));
  CHECK(first[14] == '7');
  CHECK(std::string("89ab").find(first[19]) != std::string::npos);
  CHECK(first < second);
  CHECK(first.substr(0, 13) == "018bcfe5-6800");
}

TEST_CASE("NewUuid_SameMillisecond_NeverRepeats") {
  const ManualClock clock(absl::FromUnixMillis(1));
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(NewUuid(clock, SystemRandom()));
  CHECK(seen.size() == 10'000);
}

TEST_CASE("IsUuid_RefusesOtherShapes") {
  CHECK_FALSE(IsUuid(""));
  CHECK_FALSE(IsUuid("018bcfe568007000800000000000000000"));
  CHECK_FALSE(IsUuid("018bcfe5-6800-7000-8000-00000000000g"));
  CHECK(IsUuid("018BCFE5-6800-7000-8000-000000000000"));
}

TEST_CASE("NewSecret_Is32Bytes_UrlSafe") {
  const auto secret = NewSecret(SystemRandom());
  CHECK(secret.size() == 43);
  CHECK(secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
}

}  // namespace
}  // namespace haven::core
