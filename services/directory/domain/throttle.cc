#include "services/directory/domain/throttle.h"

#include <algorithm>

namespace haven::directory {
namespace {

constexpr int kMostFailures = 1000;

int Remembered(const Attempts& attempts, const ThrottlePolicy& policy, absl::Time now) {
  if (attempts.failures == 0 || now <= attempts.last) return attempts.failures;
  const double forgotten = absl::FDivDuration(now - attempts.last, policy.forget_one_after);
  return forgotten >= attempts.failures ? 0 : attempts.failures - static_cast<int>(forgotten);
}

absl::Duration WaitAfter(int failures, const ThrottlePolicy& policy) {
  absl::Duration wait = policy.first_wait;
  for (int i = policy.free_attempts + 1; i < failures && wait < policy.longest_wait; ++i) wait *= 2;
  return std::min(wait, policy.longest_wait);
}

}  // namespace

absl::Duration WaitBefore(const Attempts& attempts, const ThrottlePolicy& policy, absl::Time now) {
  return std::clamp(attempts.blocked_until - now, absl::ZeroDuration(), policy.longest_wait);
}

Attempts Charge(Attempts attempts, const ThrottlePolicy& policy, absl::Time now) {
  attempts.failures = std::min(kMostFailures, Remembered(attempts, policy, now) + 1);
  attempts.last = now;
  attempts.blocked_until =
      attempts.failures > policy.free_attempts ? now + WaitAfter(attempts.failures, policy) : absl::InfinitePast();
  return attempts;
}

Attempts Refund(Attempts attempts, const ThrottlePolicy& policy) {
  attempts.failures = std::max(0, attempts.failures - 1);
  attempts.blocked_until = attempts.failures > policy.free_attempts
                               ? attempts.last + WaitAfter(attempts.failures, policy)
                               : absl::InfinitePast();
  return attempts;
}

absl::Time ForgottenAt(const Attempts& attempts, const ThrottlePolicy& policy) {
  return attempts.last + attempts.failures * policy.forget_one_after;
}

}  // namespace haven::directory
