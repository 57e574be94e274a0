#pragma once

#include <chrono>

#include "libs/core/ids.h"
#include "libs/redis/redis.h"

namespace haven::redis {

// Exponential with jitter: each wait is drawn from the upper half of the current one.
class Backoff {
 public:
  explicit Backoff(const RedisOptions& options);
  std::chrono::nanoseconds Next();
  void Reset() { current_ = min_; }

 private:
  std::chrono::nanoseconds min_;
  std::chrono::nanoseconds max_;
  std::chrono::nanoseconds current_;
  core::Random* random_;
};

}  // namespace haven::redis
