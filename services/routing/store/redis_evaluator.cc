#include "services/routing/store/redis_evaluator.h"

#include <utility>

namespace haven::routing {

async::Task<absl::StatusOr<std::vector<std::string>>> RedisEvaluator::Eval(core::Deadline deadline,
                                                                           redis::Script script,
                                                                           std::vector<std::string> keys,
                                                                           std::vector<std::string> args) {
  auto reply = co_await redis_.Eval(deadline, std::move(script), std::move(keys), std::move(args));
  if (!reply.ok()) co_return reply.status();
  std::vector<std::string> words;
  words.reserve(reply->items.size());
  for (redis::Value& item : reply->items) words.push_back(std::move(item.text));
  co_return words;
}

}  // namespace haven::routing
