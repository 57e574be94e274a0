#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/async/blocking_pool.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "libs/events/fanout.h"
#include "libs/redis/redis.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/registry.h"
#include "libs/rpc/tokens.h"
#include "libs/store/database.h"
#include "libs/telemetry/health.h"
#include "libs/telemetry/metrics.h"

namespace haven {

// What a process gives its services. Everything outlives them. Loop thread only.
class Environment {
 public:
  virtual ~Environment() = default;

  // The hub's id ("lb"): in token audiences, Redis keys, metrics.
  virtual const std::string& hub() const = 0;
  // The hub's data folder.
  virtual const std::string& data_dir() const = 0;

  virtual async::Loop& loop() = 0;
  // Password hashing and other long computations.
  virtual async::BlockingPool& compute_pool() = 0;
  virtual const core::Clock& clock() = 0;
  virtual core::Random& random() = 0;
  virtual telemetry::Metrics& metrics() = 0;
  virtual telemetry::Health& health() = 0;

  // A pool of its own for `service`: role haven_<service>, its schema. Connects in the background.
  virtual std::unique_ptr<store::Database> OpenDatabase(std::string_view service) = 0;
  virtual store::StoreMetrics& store_metrics() = 0;
  // Named so in leases: stable over restarts of this process, different from its siblings'.
  virtual const std::string& instance() const = 0;
  // The process's pipelined connection to the hub's Redis, and its one reader of the hub's events.
  virtual redis::Redis& redis() = 0;
  virtual events::Fanout& events() = 0;

  // Where the service registers its methods. The server starts after all services have started.
  virtual rpc::Registry& registry() = 0;
  // A channel to a service by name ("routing"), in-process or by its address in the configuration, that carries the
  // identity of service `as`. Usable from the first call on: calls made before the server runs wait for it.
  virtual std::shared_ptr<rpc::Channel> ChannelTo(std::string_view service, std::string_view as) = 0;

  // The directory signs people's tokens; FAILED_PRECONDITION in a process that does not hold that key.
  virtual absl::StatusOr<rpc::TokenIssuer*> people_issuer() = 0;
  // Gives the adapter the judge of API keys and visitors' capabilities (the directory, or its client). At most once.
  virtual void SetCredentialResolver(rpc::CredentialResolver* resolver) = 0;
  // Ends the streams of revoked people.
  virtual void EndStreams(std::function<bool(const rpc::Identity&)> of) = 0;
};

}  // namespace haven
