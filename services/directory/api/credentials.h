#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/rpc/identity.h"
#include "services/directory/api/service.h"

namespace haven::directory {

struct Resolved {
  rpc::Identity identity;
  // Of a session.
  std::optional<UserRecord> user;
};

// Who stands behind a session secret ("hvs_") or an API key ("hvk_"). NOT_FOUND without saying why for what is unknown,
// malformed, expired, revoked or a disabled user's. `identity.expires` is at most token_life away.
async::Task<absl::StatusOr<Resolved>> ResolveCredential(Service& service, core::Deadline deadline,
                                                        std::string credential);

}  // namespace haven::directory
