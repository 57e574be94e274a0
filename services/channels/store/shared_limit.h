#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/redis.h"
#include "services/channels/domain/limiter.h"

namespace haven::channels {

// The limit of starts per source that all processes of a hub share, in Redis.
class SharedLimit {
 public:
  // `redis` outlives it.
  SharedLimit(redis::Redis* redis, std::string hub);

  // How long to wait if this start is one too many; nullopt if it is admitted (and counted).
  async::Task<absl::StatusOr<std::optional<std::chrono::milliseconds>>> Admit(core::Deadline deadline,
                                                                              std::string source, Rate rate);

 private:
  redis::Redis* redis_;
  std::string hub_;
  redis::Script script_;
};

}  // namespace haven::channels
