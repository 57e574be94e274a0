#include "services/directory/domain/throttle.h"

#include <catch2/catch.hpp>

namespace haven::directory {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST_CASE("Throttle_FreeAttempts_ThenDoubledWaits") {
  const ThrottlePolicy policy;
  Attempts attempts;
  absl::Time now = kStart;
  for (int i = 0; i < policy.free_attempts; ++i) {
    attempts = Charge(attempts, policy, now);
    CHECK(WaitBefore(attempts, policy, now) == absl::ZeroDuration());
  }
  for (const int seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    attempts = Charge(attempts, policy, now);
    CHECK(WaitBefore(attempts, policy, now) == absl::Seconds(seconds));
    now += absl::Seconds(seconds);
    CHECK(WaitBefore(attempts, policy, now) == absl::ZeroDuration());
  }
}

TEST_CASE("Throttle_TimeForgives") {
  const ThrottlePolicy policy;
  Attempts attempts;
  for (int i = 0; i < 7; ++i) attempts = Charge(attempts, policy, kStart);
  CHECK(Charge(attempts, policy, kStart + absl::Minutes(9)).failures == 8);
  CHECK(Charge(attempts, policy, kStart + absl::Minutes(30)).failures == 5);
  CHECK(Charge(attempts, policy, kStart + absl::Minutes(70)).failures == 1);
  CHECK(Charge(attempts, policy, kStart + absl::Hours(1000000)).failures == 1);
  CHECK(ForgottenAt(attempts, policy) == kStart + absl::Minutes(70));
}

TEST_CASE("Throttle_Refund_TakesTheAttemptBack") {
  const ThrottlePolicy policy;
  Attempts attempts;
  for (int i = 0; i < 6; ++i) attempts = Charge(attempts, policy, kStart);
  CHECK(WaitBefore(attempts, policy, kStart) == absl::Seconds(1));
  attempts = Refund(attempts, policy);
  CHECK(attempts.failures == 5);
  CHECK(WaitBefore(attempts, policy, kStart) == absl::ZeroDuration());
  for (int i = 0; i < 9; ++i) attempts = Refund(attempts, policy);
  CHECK(attempts.failures == 0);
}

TEST_CASE("Throttle_ClockPutBack_WaitsNoLongerThanTheLongest") {
  const ThrottlePolicy policy;
  Attempts attempts;
  for (int i = 0; i < 20; ++i) attempts = Charge(attempts, policy, kStart);
  CHECK(WaitBefore(attempts, policy, kStart - absl::Hours(24)) == policy.longest_wait);
  CHECK(Charge(attempts, policy, kStart - absl::Hours(24)).failures == 21);
}

TEST_CASE("Throttle_ManyFailures_StayInRange") {
  const ThrottlePolicy policy;
  Attempts attempts;
  for (int i = 0; i < 5000; ++i) attempts = Charge(attempts, policy, kStart);
  CHECK(attempts.failures == 1000);
  CHECK(WaitBefore(attempts, policy, kStart) == policy.longest_wait);
}

}  // namespace
}  // namespace haven::directory
