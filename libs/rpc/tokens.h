#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "libs/crypto/ed25519.h"
#include "libs/rpc/identity.h"

namespace haven::rpc {

// Signs identities into tokens: PASETO v4.public, claims in JSON, key id in the footer. Thread-safe.
class TokenIssuer {
 public:
  virtual ~TokenIssuer() = default;
  // `identity.expires` is the token's expiry. INVALID_ARGUMENT for kinds that this issuer's key may not assert.
  virtual absl::StatusOr<std::string> Issue(const Identity& identity) const = 0;
};

// Believes or refuses tokens. Loop thread only.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // UNAUTHENTICATED with REASON_UNAUTHENTICATED for anything forged, foreign, malformed or expired.
  virtual absl::StatusOr<std::shared_ptr<const Identity>> Verify(const std::string& token) = 0;
};

// Which kinds a key may assert: the key of people cannot make a service, nor the other way round.
enum class KeyUse { kPeople, kServices };

// People: staff and visitors (and integrators after the exchange of an API key). `audience` is the hub: a token of
// another hub is refused by name as well as by key.
std::unique_ptr<TokenIssuer> NewTokenIssuer(crypto::SigningKey key, KeyUse use, std::string audience,
                                            const core::Clock& clock);

struct TrustedKey {
  crypto::PublicKey key;
  KeyUse use = KeyUse::kPeople;
};

// Verified tokens are remembered until they expire, at most `max_cached` of them (least recently used go first).
std::unique_ptr<TokenVerifier> NewTokenVerifier(std::vector<TrustedKey> keys, std::string audience,
                                                const core::Clock& clock, std::size_t max_cached = 10'000);

// Turns a credential that is not a token (an API key, a visitor's capability) into an identity. Implemented by the
// directory (or by a client of it). The adapter remembers good and bad answers for 30 s, at most 10,000 of them, under
// a hash of the credential. UNAUTHENTICATED is remembered; other errors are returned to the caller and not remembered.
class CredentialResolver {
 public:
  virtual ~CredentialResolver() = default;
  virtual async::Task<absl::StatusOr<Identity>> Resolve(core::Deadline deadline, std::string credential) = 0;
};

// Supplies the bearer token of outgoing calls. Loop thread only.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  virtual absl::StatusOr<std::string> Token() = 0;
};

// The token of a service itself: 5 minutes, renewed after half of it. `issuer` and `clock` outlive it.
std::shared_ptr<TokenSource> NewServiceTokenSource(const TokenIssuer& issuer, std::string service,
                                                   const core::Clock& clock);
// Always the same credential.
std::shared_ptr<TokenSource> NewFixedTokenSource(std::string token);

}  // namespace haven::rpc
