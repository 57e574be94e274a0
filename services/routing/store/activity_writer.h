#pragma once

#include <map>
#include <string>

#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/clock.h"
#include "services/routing/store/ledger.h"

namespace haven::routing {

// Writes activities behind the live store, many in one statement; the newest version of each agent wins. What a crash
// loses is a second at most, and agents assert theirs again as they return. Loop thread only.
class ActivityWriter {
 public:
  ActivityWriter(LedgerStore& ledger, const core::Clock& clock) : ledger_(ledger), clock_(clock) {}

  void Start(async::TaskGroup& tasks) { tasks.Spawn(Run(this)); }
  void Put(const std::string& agent_id, const std::string& activity, std::int64_t version);
  // Writes what is left now.
  async::Task<absl::Status> Flush(core::Deadline deadline);

 private:
  static async::Task<void> Run(ActivityWriter* self);

  LedgerStore& ledger_;
  const core::Clock& clock_;
  std::map<std::string, LedgerStore::AgentActivity> waiting_;
  async::Notifier work_;
};

}  // namespace haven::routing
