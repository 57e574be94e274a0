#pragma once

#include "absl/time/time.h"

namespace haven::directory {

// How fast one name, or one source, may try passwords: some tries are free, each one more doubles the wait, and time
// forgives. Pure; the store keeps the state.
struct ThrottlePolicy {
  int free_attempts = 5;
  absl::Duration first_wait = absl::Seconds(1);
  absl::Duration longest_wait = absl::Minutes(5);
  // One failure is forgotten after each of these without another.
  absl::Duration forget_one_after = absl::Minutes(10);
};

struct Attempts {
  int failures = 0;
  absl::Time last = absl::InfinitePast();
  absl::Time blocked_until = absl::InfinitePast();
  friend bool operator==(const Attempts&, const Attempts&) = default;
};

// How long to wait before the next attempt; zero: now. Never longer than the policy's longest, also after the clock was
// put back.
absl::Duration WaitBefore(const Attempts& attempts, const ThrottlePolicy& policy, absl::Time now);

// The state after an attempt at `now`. Charged before the password is looked at, so that attempts made at once count
// all.
Attempts Charge(Attempts attempts, const ThrottlePolicy& policy, absl::Time now);

// The state after the charged attempt turned out right: it never was.
Attempts Refund(Attempts attempts, const ThrottlePolicy& policy);

// When the state says no more than an absent one.
absl::Time ForgottenAt(const Attempts& attempts, const ThrottlePolicy& policy);

}  // namespace haven::directory
