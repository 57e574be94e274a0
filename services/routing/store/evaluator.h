#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/script.h"

namespace haven::routing {

// Runs a script on the hub's Redis. Every script of the engine answers with a flat list of strings, first its code.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  virtual async::Task<absl::StatusOr<std::vector<std::string>>> Eval(core::Deadline deadline, redis::Script script,
                                                                     std::vector<std::string> keys,
                                                                     std::vector<std::string> args) = 0;
};

}  // namespace haven::routing
