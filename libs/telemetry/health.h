#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::telemetry {

// Answers whether one dependency of a service can be used now. Runs on the loop.
using HealthCheck = std::function<async::Task<absl::Status>(core::Deadline)>;

// What /readyz reports. Loop thread only.
class Health {
 public:
  Health();
  ~Health();

  // `name` such as "routing.redis". A check that is not `required` is shown, and does not make the process unready.
  void Add(std::string name, HealthCheck check, bool required = true);
  // Removes those whose name begins with `prefix`: when a service stops.
  void Remove(const std::string& prefix);
  // Nothing is ready before the start has ended and after a drain has begun. `why` is shown.
  void SetServing(bool serving, std::string why);

  struct Report {
    bool ready = false;
    // {"ready":true,"state":"serving","checks":{"routing.redis":{"ok":true}}}
    std::string json;
  };
  // Runs every check with the deadline.
  async::Task<Report> Check(core::Deadline deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haven::telemetry
