#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/redis/script.h"

namespace haven::routing {

// The engine's atomic steps, one Lua file each.
enum class Step {
  kAcceptBegin,
  kAcceptUndo,
  kAgentRemove,
  kAgentUpsert,
  kEndOffer,
  kGeneration,
  kLaneRemove,
  kLaneUpsert,
  kListContacts,
  kPresence,
  kProject,
  kReadAgent,
  kReconcileLease,
  kSetActivity,
  kSetWrapUp,
  kSweepAgent,
  kTick,
};
inline constexpr std::size_t kSteps = 17;

class Scripts {
 public:
  // Changes a file's text before use: for tests (faults, mutations).
  using Edit = std::function<std::string(std::string_view file, std::string text)>;

  explicit Scripts(const Edit& edit = {});
  const redis::Script& of(Step step) const { return scripts_[static_cast<std::size_t>(step)]; }

 private:
  std::vector<redis::Script> scripts_;
};

}  // namespace haven::routing
