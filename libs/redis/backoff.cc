#include "libs/redis/backoff.h"

#include <algorithm>
#include <cstdint>

namespace haven::redis {

Backoff::Backoff(const RedisOptions& options)
    : min_(std::max<std::chrono::nanoseconds>(options.backoff_min, std::chrono::milliseconds(1))),
      max_(std::max<std::chrono::nanoseconds>(options.backoff_max, min_)),
      current_(min_),
      random_(options.random != nullptr ? options.random : &core::SystemRandom()) {}

std::chrono::nanoseconds Backoff::Next() {
  std::uint32_t bits = 0;
  random_->Fill(reinterpret_cast<unsigned char*>(&bits), sizeof bits);
  const double jitter = 0.5 + 0.5 * (static_cast<double>(bits) / 4294967296.0);
  const auto wait = std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(current_.count()) * jitter));
  current_ = std::min(current_ * 2, max_);
  return wait;
}

}  // namespace haven::redis
