#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "libs/rpc/lru_cache.h"
#include "libs/rpc/tokens.h"

namespace haven::rpc {

using IdentityPtr = std::shared_ptr<const Identity>;

// Who calls, from the bearer credential. Loop thread only.
class Authenticator {
 public:
  Authenticator(TokenVerifier* tokens, const core::Clock& clock);

  void SetResolver(CredentialResolver* resolver) { resolver_ = resolver; }

  // Without waiting, when the credential is empty, a token, or remembered: true, with `out` set. False: ask Resolve.
  bool Known(const std::string& credential, absl::StatusOr<IdentityPtr>* out);

  // Asks the resolver and remembers what it said.
  async::Task<absl::StatusOr<IdentityPtr>> Resolve(core::Deadline deadline, std::string credential);

  // Nobody.
  const IdentityPtr& anybody() const { return anybody_; }

 private:
  struct Answer {
    absl::StatusOr<IdentityPtr> identity;
    absl::Time until;
  };
  std::string KeyOf(const std::string& credential) const;

  TokenVerifier* tokens_;
  CredentialResolver* resolver_ = nullptr;
  const core::Clock& clock_;
  const std::string cache_key_;
  const IdentityPtr anybody_;
  LruCache<Answer> answers_{10'000};
};

}  // namespace haven::rpc
