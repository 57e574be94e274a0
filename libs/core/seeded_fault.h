#pragma once

#include <cstdlib>
#include <string_view>

namespace haven::core {

// Faults that the chaos suite's control runs switch on with HAVEN_SEEDED_FAULT=<name>, to prove that it would notice
// them. They exist only in a build configured with HAVEN_SEEDED_FAULTS; in any other the condition is false at compile
// time and nothing of it remains.
#ifdef HAVEN_SEEDED_FAULTS
inline bool SeededFault(std::string_view name) {
  static const char* const chosen = std::getenv("HAVEN_SEEDED_FAULT");
  return chosen != nullptr && name == chosen;
}
#else
constexpr bool SeededFault(std::string_view) {
  return false;
}
#endif

}  // namespace haven::core
