#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/routing/testing/redis_hub.h"
#include "services/routing/testing/world.h"

namespace haven::routing::testing {

using History = std::vector<Op>;

struct Failure {
  std::size_t at = 0;  // operations run
  std::string what{};
};

// How often each step gave each answer.
using Tally = std::map<std::pair<Step, std::string>, int>;

struct CompareOptions {
  std::size_t batch = 1;    // operations between two comparisons of state and events
  bool rules = false;       // check the rules on the model after every operation
  bool unfinished = false;  // matching is left over on purpose: tick until it is done after each operation
  Tally* tally = nullptr;
  int* left_over = nullptr;  // counts ticks that took matching up again
};

// Runs a history on a fresh world and a fresh hub: same answers, same events, same state; at the end both come to rest
// and the rules are checked on what Redis holds.
std::optional<Failure> Compare(const History& history, RedisHub& hub, const CompareOptions& options);

History RandomHistory(std::uint32_t seed, std::size_t length);

// Leaves out ever smaller pieces while it still fails.
History Shrink(History history, const std::function<std::optional<Failure>(const History&)>& run);

// One line per operation.
std::string Describe(const History& history);

}  // namespace haven::routing::testing
