#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/blocking_pool.h"
#include "libs/async/wait.h"
#include "libs/core/deadline.h"
#include "libs/crypto/password.h"
#include "libs/telemetry/metrics.h"

namespace haven::directory {

// Argon2id away from the loop, a few at a time, with a bounded queue: a flood of sign-ins costs the hub no more than
// that. Loop thread only.
class PasswordHasher {
 public:
  PasswordHasher(async::BlockingPool& pool, crypto::PasswordCost cost, int at_once, int most_waiting,
                 telemetry::Histogram seconds);

  // Makes the hash that unknown names are checked against. Before anything else.
  async::Task<absl::Status> Prepare(core::Deadline deadline);

  async::Task<absl::StatusOr<std::string>> Hash(core::Deadline deadline, std::string password);
  // `encoded` may be empty (no such user, no password): takes as long, and is false.
  async::Task<absl::StatusOr<bool>> Verify(core::Deadline deadline, std::string password, std::string encoded);
  bool NeedsRehash(const std::string& encoded) const { return crypto::NeedsRehash(encoded, cost_); }

 private:
  // RESOURCE_EXHAUSTED (REASON_OVERLOADED) when too many wait already.
  async::Task<absl::StatusOr<async::Semaphore::Permit>> Turn(core::Deadline deadline);

  async::BlockingPool& pool_;
  const crypto::PasswordCost cost_;
  const int most_waiting_;
  int waiting_ = 0;
  async::Semaphore turns_;
  telemetry::Histogram seconds_;
  std::string dummy_;
};

}  // namespace haven::directory
