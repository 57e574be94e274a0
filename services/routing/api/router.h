#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/core/clock.h"
#include "libs/rpc/channel.h"
#include "services/routing/store/engine.h"
#include "services/routing/store/ledger.h"
#include "services/routing/store/settings.h"

namespace haven::routing {

// What the handlers of routing work with. All referred to outlive them.
struct Router {
  Engine& engine;
  LedgerStore& ledger;
  Settings& settings;
  const core::Clock& clock;
};

// The ledger's row as the live state needs it, with spans counted from now. FAILED_PRECONDITION while no configuration
// is there.
absl::StatusOr<LedgerRow> RowOf(const LedgerEntry& entry, const Settings& settings, absl::Time now);

// Reads the ledger and brings the live state to it: what every projection, check and sweep does.
async::Task<absl::Status> ProjectContact(Router& router, core::Deadline deadline, std::string contact_id);
async::Task<absl::Status> ProjectEntry(Router& router, core::Deadline deadline, LedgerEntry entry);

}  // namespace haven::routing
