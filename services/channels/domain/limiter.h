#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace haven::channels {

// So many events per period, all of them at once if need be.
struct Rate {
  int events = 10;
  std::chrono::milliseconds period{60'000};
};

// The generic cell rate algorithm (ITU-T I.371): one number per source, no list of past events. `arrival` is the
// theoretical arrival time stored for the source, 0 for an unknown one; all times in milliseconds of one clock.
struct Verdict {
  bool allowed = false;
  std::int64_t arrival = 0;                  // to be stored
  std::chrono::milliseconds retry_after{0};  // when refused
};
Verdict Judge(const Rate& rate, std::int64_t arrival, std::int64_t now);

// Limits each source, in bounded memory: 16 bytes and a little per source, at most `max_sources` of them. When they are
// all taken by sources that are still counting, an unknown source is admitted uncounted: a flood from many addresses is
// the global limit's matter, and must not lock everybody else out here.
class SourceLimiter {
 public:
  SourceLimiter(Rate rate, std::size_t max_sources) : rate_(rate), max_sources_(max_sources) {}

  // Counts an event of the source; how long to wait if it is one too many (it is not counted then).
  std::optional<std::chrono::milliseconds> Admit(std::string_view source, std::int64_t now);

  std::size_t sources() const { return arrivals_.size(); }

 private:
  void Sweep(std::int64_t now);

  Rate rate_;
  std::size_t max_sources_;
  std::int64_t swept_ = 0;
  absl::flat_hash_map<std::uint64_t, std::int64_t> arrivals_;  // by hash of the source
};

}  // namespace haven::channels
