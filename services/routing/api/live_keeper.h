#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/ids.h"
#include "libs/redis/redis.h"
#include "libs/telemetry/metrics.h"
#include "services/routing/api/router.h"
#include "services/routing/store/activity_writer.h"

namespace haven::routing {

struct KeeperMetrics {
  explicit KeeperMetrics(telemetry::Metrics& metrics);
  telemetry::Counter restores, missed_offers, accept_checks;
  telemetry::CounterFamily sweeps;  // by what was corrected
  telemetry::Gauge restoring;
};

// Keeps the live state true: runs what is due, restores after a loss of Redis, sweeps the whole every 30 s. Any number
// of processes may run one.
class LiveKeeper {
 public:
  LiveKeeper(Router& router, redis::Redis& redis, ActivityWriter& activities, core::Random& random,
             KeeperMetrics metrics);

  void Start(async::TaskGroup& tasks);
  // Due work is left over, or the configuration has changed.
  void WakeTick() { tick_.Set(); }
  void WakeSweep() { sweep_.Set(); }
  // Nothing is matched until the first restore has ended.
  bool ready() const { return ready_; }

 private:
  static async::Task<void> Ticks(LiveKeeper* self);
  static async::Task<void> Sweeps(LiveKeeper* self);
  async::Task<void> HandleEffect(Effect effect);
  // True when the live state is of this Redis and ready.
  async::Task<absl::StatusOr<bool>> RestoreIfNeeded();
  async::Task<absl::Status> PushConfiguration();
  async::Task<absl::Status> PushLedger();
  async::Task<absl::Status> DropEnded();
  async::Task<absl::Status> SweepAgents();

  Router& router_;
  redis::Redis& redis_;
  ActivityWriter& activities_;
  core::Random& random_;
  KeeperMetrics metrics_;
  std::string owner_;
  std::int64_t pushed_version_ = 0;
  std::unordered_set<std::string> alive_;  // contacts of the last pass over the ledger
  async::Event tick_, sweep_;
  bool ready_ = false;
};

}  // namespace haven::routing
