#include "libs/rpc/tokens.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/paseto.h"
#include "libs/rpc/lru_cache.h"

namespace haven::rpc {
namespace {

namespace json = boost::json;

constexpr std::pair<IdentityKind, std::string_view> kKinds[] = {
    {IdentityKind::kService, "service"},
    {IdentityKind::kIntegrator, "integrator"},
    {IdentityKind::kStaff, "staff"},
    {IdentityKind::kVisitor, "visitor"},
};

bool MayAssert(KeyUse use, IdentityKind kind) {
  return use == KeyUse::kServices ? kind == IdentityKind::kService
                                  : kind != IdentityKind::kService && kind != IdentityKind::kAnybody;
}

absl::Status Refused() {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                         "token not valid; sign in again");
}

json::array Texts(const std::vector<std::string>& values) {
  return json::array(values.begin(), values.end());
}

// PASETO's registered claims (sub, aud, iat, exp) and our own.
std::string ClaimsOf(const Identity& identity, const std::string& audience, absl::Time now) {
  json::object claims;
  claims["aud"] = audience;
  claims["sub"] = identity.subject;
  claims["iat"] = absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone());
  claims["exp"] = absl::FormatTime(absl::RFC3339_sec, identity.expires, absl::UTCTimeZone());
  for (const auto& [kind, name] : kKinds) {
    if (kind == identity.kind) claims["kind"] = name;
  }
  json::array roles;
  for (const Role role : identity.roles) roles.push_back(static_cast<int>(role));
  if (!roles.empty()) claims["roles"] = std::move(roles);
  if (!identity.scopes.empty()) claims["scopes"] = Texts(identity.scopes);
  if (!identity.teams.empty()) claims["teams"] = Texts(identity.teams);
  if (!identity.session_id.empty()) claims["sid"] = identity.session_id;
  return json::serialize(claims);
}

bool ReadText(const json::object& claims, const char* key, std::string* out) {
  const auto* value = claims.if_contains(key);
  if (value == nullptr || !value->is_string()) return false;
  *out = std::string(value->get_string());
  return true;
}

bool ReadTexts(const json::object& claims, const char* key, std::vector<std::string>* out) {
  const auto* value = claims.if_contains(key);
  if (value == nullptr) return true;
  if (!value->is_array()) return false;
  for (const auto& item : value->get_array()) {
    if (!item.is_string()) return false;
    out->emplace_back(item.get_string());
  }
  return true;
}

bool ReadRoles(const json::object& claims, std::vector<Role>* out) {
  const auto* value = claims.if_contains("roles");
  if (value == nullptr) return true;
  if (!value->is_array()) return false;
  for (const auto& item : value->get_array()) {
    if (!item.is_int64()) return false;
    // A role of a later release is nothing here.
    if (options::v1::Role_IsValid(static_cast<int>(item.get_int64())))
      out->push_back(static_cast<Role>(item.get_int64()));
  }
  return true;
}

std::optional<Identity> ReadClaims(const std::string& text, const std::string& audience) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const auto& claims = parsed.get_object();
  Identity identity;
  std::string kind_name;
  std::string named_audience;
  std::string expires;
  if (!ReadText(claims, "sub", &identity.subject) || !ReadText(claims, "kind", &kind_name) ||
      !ReadText(claims, "aud", &named_audience) || !ReadText(claims, "exp", &expires) ||
      !absl::ParseTime(absl::RFC3339_full, expires, &identity.expires, nullptr) || named_audience != audience ||
      !ReadTexts(claims, "scopes", &identity.scopes) || !ReadTexts(claims, "teams", &identity.teams) ||
      !ReadRoles(claims, &identity.roles)) {
    return std::nullopt;
  }
  if (claims.contains("sid") && !ReadText(claims, "sid", &identity.session_id)) return std::nullopt;
  const auto* kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& k) { return k.second == kind_name; });
  if (kind == std::end(kKinds)) return std::nullopt;
  identity.kind = kind->first;
  return identity;
}

class PasetoIssuer final : public TokenIssuer {
 public:
  PasetoIssuer(crypto::SigningKey key, KeyUse use, std::string audience, const core::Clock& clock)
      : key_(std::move(key)), use_(use), audience_(std::move(audience)), clock_(clock) {}

  absl::StatusOr<std::string> Issue(const Identity& identity) const override {
    if (!MayAssert(use_, identity.kind)) return core::InvalidField("kind", "this key may not assert it");
    if (identity.expires == absl::InfiniteFuture()) return core::InvalidField("expires", "a token ends");
    return crypto::SignV4Public(key_, ClaimsOf(identity, audience_, clock_.Now()), key_.public_key().id());
  }

 private:
  const crypto::SigningKey key_;
  const KeyUse use_;
  const std::string audience_;
  const core::Clock& clock_;
};

class PasetoVerifier final : public TokenVerifier {
 public:
  PasetoVerifier(std::vector<TrustedKey> keys, std::string audience, const core::Clock& clock, std::size_t max_cached)
      : keys_(std::move(keys)), audience_(std::move(audience)), clock_(clock), cache_(max_cached) {}

  absl::StatusOr<std::shared_ptr<const Identity>> Verify(const std::string& token) override {
    const auto* cached = cache_.Find(token);
    if (cached != nullptr) {
      if (clock_.Now() < (*cached)->expires) return *cached;
      cache_.Erase(token);
      return Refused();
    }
    auto identity = Read(token);
    if (!identity || clock_.Now() >= identity->expires) return Refused();
    auto shared = std::make_shared<const Identity>(*std::move(identity));
    cache_.Put(token, shared);
    return shared;
  }

 private:
  std::optional<Identity> Read(const std::string& token) const {
    const TrustedKey* used = nullptr;
    const auto by_footer = [&](std::string_view footer) -> const crypto::PublicKey* {
      for (const auto& key : keys_) {
        if (key.key.id() == footer) used = &key;
      }
      return used == nullptr ? nullptr : &used->key;
    };
    const auto verified = crypto::VerifyV4Public(token, by_footer);
    if (!verified.ok()) return std::nullopt;
    auto identity = ReadClaims(verified->message, audience_);
    if (!identity || !MayAssert(used->use, identity->kind)) return std::nullopt;
    return identity;
  }

  const std::vector<TrustedKey> keys_;
  const std::string audience_;
  const core::Clock& clock_;
  LruCache<std::shared_ptr<const Identity>> cache_;
};

class ServiceTokenSource final : public TokenSource {
 public:
  ServiceTokenSource(const TokenIssuer& issuer, std::string service, const core::Clock& clock)
      : issuer_(issuer), service_(std::move(service)), clock_(clock) {}

  absl::StatusOr<std::string> Token() override {
    const absl::Time now = clock_.Now();
    // A clock that was set back is a reason to renew as well.
    if (!token_.empty() && now < renew_ && now >= issued_) return token_;
    Identity identity;
    identity.kind = IdentityKind::kService;
    identity.subject = service_;
    identity.expires = now + kLife;
    auto token = issuer_.Issue(identity);
    if (!token.ok()) return token.status();
    token_ = *std::move(token);
    issued_ = now;
    renew_ = now + kLife / 2;
    return token_;
  }

 private:
  static constexpr absl::Duration kLife = absl::Minutes(5);
  const TokenIssuer& issuer_;
  const std::string service_;
  const core::Clock& clock_;
  std::string token_;
  absl::Time issued_;
  absl::Time renew_;
};

class FixedTokenSource final : public TokenSource {
 public:
  explicit FixedTokenSource(std::string token) : token_(std::move(token)) {}
  absl::StatusOr<std::string> Token() override { return token_; }

 private:
  const std::string token_;
};

}  // namespace

std::unique_ptr<TokenIssuer> NewTokenIssuer(crypto::SigningKey key, KeyUse use, std::string audience,
                                            const core::Clock& clock) {
  return std::make_unique<PasetoIssuer>(std::move(key), use, std::move(audience), clock);
}

std::unique_ptr<TokenVerifier> NewTokenVerifier(std::vector<TrustedKey> keys, std::string audience,
                                                const core::Clock& clock, std::size_t max_cached) {
  return std::make_unique<PasetoVerifier>(std::move(keys), std::move(audience), clock, max_cached);
}

std::shared_ptr<TokenSource> NewServiceTokenSource(const TokenIssuer& issuer, std::string service,
                                                   const core::Clock& clock) {
  return std::make_shared<ServiceTokenSource>(issuer, std::move(service), clock);
}

std::shared_ptr<TokenSource> NewFixedTokenSource(std::string token) {
  return std::make_shared<FixedTokenSource>(std::move(token));
}

}  // namespace haven::rpc
