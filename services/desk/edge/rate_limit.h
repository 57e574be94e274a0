#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace haven::desk::edge {

// Token buckets by key, the least recently used forgotten first: bounded memory however many sources there are. Loop
// thread only.
class RateLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  RateLimit(double per_second, double burst, std::size_t max_keys)
      : per_second_(per_second), burst_(burst), max_keys_(max_keys) {}

  // nullopt: allowed. Otherwise how long to wait for the next.
  std::optional<std::chrono::milliseconds> Take(const std::string& key, TimePoint now);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double tokens;
    TimePoint at;
  };
  double per_second_, burst_;
  std::size_t max_keys_;
  std::list<Bucket> order_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> buckets_;
};

}  // namespace haven::desk::edge
