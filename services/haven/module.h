#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/async/task.h"
#include "libs/core/config.h"
#include "libs/core/deadline.h"
#include "libs/store/migrate.h"
#include "services/haven/environment.h"

namespace haven {

// A service as the executable sees it. services/haven/modules.cc lists them all.
//
// Order: Configure (configuration is read), migrations, Start in the order of the list, the server starts, and at the
// end the server drains, Stop in reverse order.
class ServiceModule {
 public:
  virtual ~ServiceModule() = default;

  // Also the name of the configuration section, the database schema haven_<name> and the service's identity.
  virtual std::string_view name() const = 0;
  // One line for `haven serve --help`.
  virtual std::string_view summary() const = 0;

  // Binds the service's settings to `section`.
  virtual void Configure(core::ConfigSection& section) = 0;

  // What the service's schema needs beyond store::CommonTables, which it gets if this is not empty. `haven migrate`
  // applies them.
  virtual std::vector<store::Migration> migrations() const { return {}; }

  // Registers methods, health checks and metrics, starts background tasks (in TaskGroups of its own). The database may
  // be away: a service starts, reports unready and answers UNAVAILABLE. An error ends the process with its message.
  virtual async::Task<absl::Status> Start(Environment& environment) = 0;

  // Ends background tasks. Nothing of the service runs after it.
  virtual async::Task<void> Stop(core::Deadline deadline) = 0;
};

}  // namespace haven
