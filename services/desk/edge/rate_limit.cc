#include "services/desk/edge/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace haven::desk::edge {

std::optional<std::chrono::milliseconds> RateLimit::Take(const std::string& key, TimePoint now) {
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= max_keys_) {
      buckets_.erase(order_.back().key);
      order_.pop_back();
    }
    order_.push_front({key, burst_ - 1, now});
    buckets_.emplace(order_.front().key, order_.begin());
    return std::nullopt;
  }
  Bucket& bucket = *found->second;
  order_.splice(order_.begin(), order_, found->second);
  bucket.tokens =
      std::min(burst_, bucket.tokens + per_second_ * std::chrono::duration<double>(now - bucket.at).count());
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<int>(std::ceil((1 - bucket.tokens) / per_second_ * 1000)));
}

}  // namespace haven::desk::edge
