#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/directory/api/service.h"
#include "services/directory/domain/throttle.h"
#include "services/directory/store/identity_store.h"

namespace haven::directory {

// One attempt at a password, counted for its name and its source.
class Attempt {
 public:
  Attempt(Service& service, std::string_view username, std::string_view source);

  // Counts it, before the password is looked at: attempts made at the same time count all. RESOURCE_EXHAUSTED
  // (REASON_RATE_LIMITED) with the time to wait if name or source has to wait; that is not counted.
  async::Task<absl::Status> Begin(core::Deadline deadline);

  // In the transaction of what the right password allowed: the name starts anew, the source gets this attempt back.
  // (Not more: whoever has one good password must not buy tries at others with it.) Flushes `tx`.
  async::Task<absl::Status> Succeed(store::Transaction& tx);

 private:
  Service& service_;
  std::string name_, source_;  // keyed hashes
};

}  // namespace haven::directory
