#pragma once

#include <functional>

#include "absl/time/time.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "libs/store/database.h"
#include "libs/store/outbox.h"
#include "services/channels/domain/types.h"
#include "services/channels/store/event_log.h"

namespace haven::channels {

// How long a conversation remembers, for those who come back.
struct Memory {
  absl::Duration agent = absl::Hours(24 * 30);  // who last helped is preferred
  absl::Duration subject = absl::Hours(24);     // the subject is not asked again
};

// What the operations of the store work with. Everything outlives them. Loop thread only.
struct Context {
  store::Database* database = nullptr;
  store::Dispatcher* handoffs = nullptr;
  EventLog* events = nullptr;
  // Called after each commit that changed the conversation: wakes whoever watches it in this process.
  std::function<void(const ConversationId&)> changed;
  const core::Clock* clock = nullptr;
  core::Random* random = nullptr;
  Memory memory;
};

}  // namespace haven::channels
