#include "services/channels/domain/limiter.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace haven::channels {

Verdict Judge(const Rate& rate, std::int64_t arrival, std::int64_t now) {
  const std::int64_t interval = std::max<std::int64_t>(1, rate.period.count() / std::max(1, rate.events));
  const std::int64_t earliest = std::max(arrival, now);
  const std::int64_t ahead = earliest + interval - now - rate.period.count();
  if (ahead > 0) return {false, arrival, std::chrono::milliseconds(ahead)};
  return {true, earliest + interval, std::chrono::milliseconds(0)};
}

std::optional<std::chrono::milliseconds> SourceLimiter::Admit(std::string_view source, std::int64_t now) {
  // absl's hash is seeded per process: nobody can choose addresses that collide.
  const std::uint64_t key = absl::Hash<std::string_view>{}(source);
  auto it = arrivals_.find(key);
  if (it == arrivals_.end()) {
    if (arrivals_.size() >= max_sources_) Sweep(now);
    if (arrivals_.size() >= max_sources_) return std::nullopt;
    it = arrivals_.emplace(key, 0).first;
  }
  const Verdict verdict = Judge(rate_, it->second, now);
  it->second = verdict.arrival;
  if (!verdict.allowed) return verdict.retry_after;
  return std::nullopt;
}

// A full table is walked at most once a second.
void SourceLimiter::Sweep(std::int64_t now) {
  if (swept_ != 0 && now - swept_ < 1000) return;
  swept_ = now;
  absl::erase_if(arrivals_, [&](const auto& entry) { return entry.second <= now; });
}

}  // namespace haven::channels
