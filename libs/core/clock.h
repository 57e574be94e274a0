#pragma once

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace haven::core {

// The only source of time for domain code; injected so that tests and simulation run on virtual time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time, UTC. May step; durations that matter are measured with deadlines, not with two readings of this.
  virtual absl::Time Now() const = 0;
};

// The machine's clock. Lives for the process.
const Clock& SystemClock();

// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time start) : nanos_(absl::ToUnixNanos(start)) {}
  absl::Time Now() const override { return absl::FromUnixNanos(nanos_.load()); }
  void Advance(absl::Duration by) { nanos_.fetch_add(absl::ToInt64Nanoseconds(by)); }
  void Set(absl::Time to) { nanos_.store(absl::ToUnixNanos(to)); }

 private:
  std::atomic<std::int64_t> nanos_;
};

}  // namespace haven::core
