#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace haven::routing::testing {

struct Rules {
  std::int64_t now = 0;  // the engine's time
  // Nothing is due and matching is on: work conservation and deadlines are demanded too.
  bool at_rest = true;
  // Agents that may hold more than their capacity: the ledger gave them a contact back, or their capacity was cut.
  std::set<std::string> overloaded{};
};

// What INVARIANTS.md forbids, found in lines of snapshot.h, in plain words; empty if nothing. Written apart from the
// model, so that a mistake made in both model and scripts is found. Lines "H profile:channel lane bound" are checked
// where there are any.
std::vector<std::string> Violations(const std::vector<std::string>& lines, const Rules& rules);

// Contacts offered between two states although one before them in their lane could have been offered to the same agent.
std::vector<std::string> FifoViolations(const std::vector<std::string>& before, const std::vector<std::string>& after,
                                        std::int64_t now);

}  // namespace haven::routing::testing
