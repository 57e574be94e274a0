#include "tests/model/contact_life.h"

#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace haven::model {
namespace {

struct Exploration {
  std::size_t states = 0;
  bool complete = false;
  std::string violation;
};

// Breadth first, so that the first violation has a shortest history. `bound` keeps a run finite; `complete` says
// whether it bit.
Exploration Explore(Mutant mutant, int messages, int faults, std::size_t bound) {
  Exploration result;
  State start;
  start.faults_left = static_cast<std::int8_t>(faults);
  absl::flat_hash_set<std::string> seen{start.Key()};
  std::vector<State> frontier{start};
  while (!frontier.empty() && seen.size() < bound) {
    std::vector<State> next_frontier;
    for (const State& state : frontier) {
      for (Step& step : Successors(state, mutant)) {
        if (step.next.messages > messages) continue;
        if (!seen.insert(step.next.Key()).second) continue;
        result.violation = Violation(step.next);
        if (result.violation.empty()) result.violation = RestViolation(Drain(step.next, mutant));
        if (!result.violation.empty()) {
          result.violation = step.name + ": " + result.violation;
          result.states = seen.size();
          return result;
        }
        next_frontier.push_back(std::move(step.next));
      }
    }
    frontier = std::move(next_frontier);
  }
  result.states = seen.size();
  result.complete = frontier.empty();
  return result;
}

TEST_CASE("ContactLife_EveryInterleaving_Holds") {
  // Whole spaces; what a fault adds to two messages is larger than a test's time and is searched up to a bound.
  for (const auto& [messages, faults, whole, bound] :
       {std::tuple{1, 2, true, 1'000'000}, std::tuple{2, 0, false, 700'000}, std::tuple{2, 1, false, 700'000},
        std::tuple{3, 0, false, 700'000}}) {
    const auto result = Explore(Mutant::kNone, messages, faults, static_cast<std::size_t>(bound));
    INFO(messages << " messages, " << faults << " faults, " << result.states << " states");
    CHECK(result.violation == "");
    CHECK(result.complete >= whole);
  }
}

TEST_CASE("ContactLife_EachBrokenRule_IsFound") {
  for (const auto mutant : {Mutant::kCloseWithoutLock, Mutant::kAcceptWithoutEpoch, Mutant::kRepeatApplied,
                            Mutant::kEnqueueOvertakesFlow, Mutant::kResultOutsideTransaction}) {
    INFO("mutant " << static_cast<int>(mutant));
    CHECK(Explore(mutant, 2, 2, 1'000'000).violation != "");
  }
}

}  // namespace
}  // namespace haven::model
