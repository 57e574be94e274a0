#pragma once

#include <algorithm>
#include <chrono>

namespace haven::core {

// A point on the monotonic clock by which work must have ended. Every wait takes one, inherited from the caller.
class Deadline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static Deadline After(std::chrono::nanoseconds span) { return Deadline(std::chrono::steady_clock::now() + span); }
  static Deadline At(TimePoint at) { return Deadline(at); }

  TimePoint at() const { return at_; }
  std::chrono::nanoseconds Remaining() const { return at_ - std::chrono::steady_clock::now(); }
  bool Expired() const { return Remaining() <= std::chrono::nanoseconds::zero(); }
  // The earlier of this and `span` from now: a step may ask for less than its caller allows, never for more.
  Deadline AtMost(std::chrono::nanoseconds span) const { return Deadline(std::min(at_, After(span).at_)); }

 private:
  explicit Deadline(TimePoint at) : at_(at) {}
  TimePoint at_;
};

}  // namespace haven::core
