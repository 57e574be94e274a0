#include "services/directory/api/credentials.h"

#include <algorithm>
#include <utility>

#include "haven/options/v1/access.pb.h"
#include "libs/crypto/hash.h"
#include "services/directory/domain/strings.h"
#include "services/directory/store/identity_store.h"

namespace haven::directory {
namespace {

constexpr std::size_t kSecretCharacters = 43;
constexpr std::size_t kKeyPrefix = 12;  // "hvk_" and 8

absl::Status Unknown() {
  return NotFound("no such credential");
}

bool IsSecret(std::string_view text) {
  return text.size() == kSecretCharacters &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
}

async::Task<absl::StatusOr<Resolved>> ResolveSession(Service* service, core::Deadline deadline, std::string secret) {
  auto found = co_await FindSession(deadline, service->database, HashSecret(secret));
  if (!found.ok()) co_return found.status();
  if (!*found) co_return Unknown();
  LiveSession& live = **found;
  const absl::Time now = service->clock.Now();
  const absl::Time idle_end = live.session.last_use_time + absl::FromChrono(service->config.session_idle);
  if (now >= std::min(live.session.expire_time, idle_end)) co_return Unknown();
  if (now - live.session.last_use_time >= absl::Minutes(1)) {
    // Failing to note the use must not fail the use: at worst the session is idle a minute early.
    (void)co_await TouchSession(deadline, service->database, live.session.id, now);
  }
  Resolved resolved;
  resolved.identity.kind = rpc::IdentityKind::kStaff;
  resolved.identity.subject = live.user.id;
  resolved.identity.session_id = live.session.id;
  for (const int role : live.user.spec.roles()) resolved.identity.roles.push_back(static_cast<rpc::Role>(role));
  resolved.identity.teams.assign(live.user.spec.teams().begin(), live.user.spec.teams().end());
  resolved.identity.expires = std::min(now + absl::FromChrono(service->config.token_life), live.session.expire_time);
  resolved.user = std::move(live.user);
  co_return resolved;
}

async::Task<absl::StatusOr<Resolved>> ResolveApiKey(Service* service, core::Deadline deadline, std::string secret) {
  auto found = co_await FindApiKey(deadline, service->database, secret.substr(0, kKeyPrefix));
  if (!found.ok()) co_return found.status();
  if (!*found || !crypto::ConstantTimeEqual((*found)->secret_hash, HashSecret(secret))) co_return Unknown();
  const ApiKeyRecord& key = **found;
  const absl::Time now = service->clock.Now();
  if (key.revoke_time || now >= key.expire_time) co_return Unknown();
  // To the hour: enough to see whether a key is in use, and no write for each call.
  const absl::Time hour = absl::FromUnixSeconds(absl::ToUnixSeconds(now) / 3600 * 3600);
  if (!key.last_use_time || *key.last_use_time < hour)
    (void)co_await TouchApiKey(deadline, service->database, key.prefix, hour);
  Resolved resolved;
  resolved.identity.kind = rpc::IdentityKind::kIntegrator;
  resolved.identity.subject = key.prefix;
  resolved.identity.roles = {options::v1::ROLE_INTEGRATOR};
  resolved.identity.scopes = key.scopes;
  resolved.identity.expires = std::min(now + absl::FromChrono(service->config.token_life), key.expire_time);
  co_return resolved;
}

}  // namespace

async::Task<absl::StatusOr<Resolved>> ResolveCredential(Service& service, core::Deadline deadline,
                                                        std::string credential) {
  const std::string_view text = credential;
  if (text.starts_with("hvs_") && IsSecret(text.substr(4))) {
    co_return co_await ResolveSession(&service, deadline, std::move(credential));
  }
  if (text.starts_with("hvk_") && text.size() > kKeyPrefix && text[kKeyPrefix] == '_' &&
      IsSecret(text.substr(kKeyPrefix + 1))) {
    co_return co_await ResolveApiKey(&service, deadline, std::move(credential));
  }
  co_return Unknown();
}

}  // namespace haven::directory
