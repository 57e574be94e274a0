#include "libs/rpc/authenticator.h"

#include <algorithm>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "libs/crypto/hash.h"

namespace haven::rpc {
namespace {

constexpr absl::Duration kRemember = absl::Seconds(30);
constexpr std::size_t kMaxCredential = 4096;

absl::Status Unauthenticated(std::string_view why) {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED, why);
}

}  // namespace

Authenticator::Authenticator(TokenVerifier* tokens, const core::Clock& clock)
    : tokens_(tokens),
      clock_(clock),
      cache_key_(core::NewSecret(core::SystemRandom(), 32)),
      anybody_(std::make_shared<const Identity>()) {}

// Keyed, so that a memory dump does not hold working credentials.
std::string Authenticator::KeyOf(const std::string& credential) const {
  return crypto::KeyedHash(cache_key_, credential);
}

bool Authenticator::Known(const std::string& credential, absl::StatusOr<IdentityPtr>* out) {
  constexpr std::string_view kTokenPrefix = "v4.public.";
  if (credential.empty()) {
    *out = anybody_;
    return true;
  }
  if (credential.size() > kMaxCredential) {
    *out = Unauthenticated("credential too long");
    return true;
  }
  if (credential.compare(0, kTokenPrefix.size(), kTokenPrefix) == 0) {
    *out = tokens_ == nullptr ? absl::StatusOr<IdentityPtr>(Unauthenticated("tokens are not accepted here"))
                              : tokens_->Verify(credential);
    return true;
  }
  if (resolver_ == nullptr) {
    *out = Unauthenticated("credential not valid");
    return true;
  }
  const std::string key = KeyOf(credential);
  const Answer* answer = answers_.Find(key);
  if (answer == nullptr) return false;
  if (clock_.Now() >= answer->until) {
    answers_.Erase(key);
    return false;
  }
  *out = answer->identity;
  return true;
}

async::Task<absl::StatusOr<IdentityPtr>> Authenticator::Resolve(core::Deadline deadline, std::string credential) {
  const std::string key = KeyOf(credential);
  auto resolved = co_await resolver_->Resolve(deadline, std::move(credential));
  const absl::Time now = clock_.Now();
  if (!resolved.ok()) {
    // Only "not valid" is an answer about the credential; "the database is away" is none.
    if (absl::IsUnauthenticated(resolved.status())) answers_.Put(key, Answer{resolved.status(), now + kRemember});
    co_return resolved.status();
  }
  if (now >= resolved->expires) co_return Unauthenticated("credential has expired");
  const absl::Time until = std::min(now + kRemember, resolved->expires);
  IdentityPtr identity = std::make_shared<const Identity>(*std::move(resolved));
  answers_.Put(key, Answer{identity, until});
  co_return identity;
}

}  // namespace haven::rpc
