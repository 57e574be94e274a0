#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/async/loop.h"
#include "libs/core/deadline.h"
#include "libs/telemetry/health.h"
#include "libs/telemetry/metrics.h"

namespace haven::telemetry {

// A small HTTP listener for operations: GET /metrics, /healthz (the loop answers), /readyz (Health). Not for the
// internet.
class AdminServer {
 public:
  AdminServer(async::Loop& loop, Metrics& metrics, Health& health);
  // Closes at once; call Drain before while the loop runs.
  ~AdminServer();

  // `address` is "host:port" or "unix:/path".
  absl::Status Start(const std::string& address);
  // The bound TCP port, 0 for a Unix socket.
  int port() const;
  async::Task<void> Drain(core::Deadline deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haven::telemetry
