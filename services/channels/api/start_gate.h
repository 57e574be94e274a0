#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "services/channels/domain/limiter.h"

namespace haven::channels {

// Admits starts of chats: per source here in memory, then per source over all processes of the hub, then all together.
// A flood is turned away by the first, which costs no round trip. Loop thread only.
class StartGate {
 public:
  // Counts a start of the source over all processes: how long to wait if it is one too many. May be empty. Its failure
  // (Redis is away) admits: the limit in memory still holds.
  using Shared = std::function<async::Task<absl::StatusOr<std::optional<std::chrono::milliseconds>>>(
      core::Deadline, std::string source, Rate rate)>;

  enum class Limit { kNone, kSource, kHub };
  struct Decision {
    Limit limit = Limit::kNone;
    std::chrono::milliseconds retry_after{0};
  };

  StartGate(Rate per_source, int per_second, const core::Clock& clock, Shared shared);

  async::Task<Decision> Admit(core::Deadline deadline, std::string source);

  std::size_t sources() const { return sources_.sources(); }

 private:
  Rate per_source_;
  const core::Clock& clock_;
  Shared shared_;
  SourceLimiter sources_;
  SourceLimiter hub_;
};

}  // namespace haven::channels
