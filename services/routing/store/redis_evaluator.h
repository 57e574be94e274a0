#pragma once

#include <string>
#include <vector>

#include "libs/redis/redis.h"
#include "services/routing/store/evaluator.h"

namespace haven::routing {

// The engine's scripts on the process's pipelined connection, which outlives it.
class RedisEvaluator final : public Evaluator {
 public:
  explicit RedisEvaluator(redis::Redis& redis) : redis_(redis) {}
  async::Task<absl::StatusOr<std::vector<std::string>>> Eval(core::Deadline deadline, redis::Script script,
                                                             std::vector<std::string> keys,
                                                             std::vector<std::string> args) override;

 private:
  redis::Redis& redis_;
};

}  // namespace haven::routing
