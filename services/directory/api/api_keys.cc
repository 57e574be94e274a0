// CreateApiKey, ListApiKeys, RevokeApiKey.
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "libs/core/error.h"
#include "services/directory/api/identity_api.h"
#include "services/directory/domain/scopes.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"
#include "services/directory/domain/utf8.h"
#include "services/directory/store/identity_store.h"

namespace haven::directory {
namespace {

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t kDefaultDays = 90;
constexpr std::int64_t kMostDays = 366;

google::protobuf::Timestamp Stamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

v1::ApiKey Shown(const ApiKeyRecord& record) {
  v1::ApiKey key;
  key.set_prefix(record.prefix);
  key.set_description(record.description);
  for (const std::string& scope : record.scopes) key.add_scopes(scope);
  *key.mutable_create_time() = Stamp(record.create_time);
  *key.mutable_expire_time() = Stamp(record.expire_time);
  if (record.revoke_time) *key.mutable_revoke_time() = Stamp(*record.revoke_time);
  if (record.last_use_time) *key.mutable_last_use_time() = Stamp(*record.last_use_time);
  return key;
}

std::vector<core::FieldViolation> Mistakes(const v1::CreateApiKeyRequest& request) {
  std::vector<core::FieldViolation> mistakes;
  const TextFacts facts = Inspect(request.description());
  if (!facts.valid || facts.unprintable || facts.line_feed || facts.characters < 1 || facts.characters > 200) {
    mistakes.push_back({"description", "must be 1 to 200 characters in one line: what the key is for"});
  }
  if (request.scopes().empty())
    mistakes.push_back({"scopes", Cat("at least one is needed, such as ", KnownScopes().front())});
  for (int i = 0; i < request.scopes_size(); ++i) {
    const auto& known = KnownScopes();
    if (std::count(known.begin(), known.end(), request.scopes(i)) > 0) continue;
    mistakes.push_back({Cat("scopes[", i, "]"), Unknown("scope", request.scopes(i), known)});
    if (mistakes.size() >= 10) break;
  }
  const auto& lifetime = request.lifetime();
  if (request.has_lifetime() &&
      (lifetime.seconds() < 60 || lifetime.seconds() > kMostDays * kDaySeconds || lifetime.nanos() != 0)) {
    mistakes.push_back({"lifetime", "must be whole seconds, one minute to 366 days"});
  }
  return mistakes;
}

// Microseconds and prefix of the last key of a page.
std::string TokenOf(const ApiKeyRecord& key) {
  return Cat(absl::ToUnixMicros(key.create_time), ",", key.prefix);
}

std::optional<ApiKeyPosition> ParseToken(std::string_view token) {
  const std::size_t comma = token.find(',');
  std::int64_t micros = 0;
  if (comma == std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(token.data(), token.data() + comma, micros);
  // A bound far below what a timestamp of PostgreSQL holds.
  if (error != std::errc() || end != token.data() + comma || micros < 0 || micros > std::int64_t{1} << 53)
    return std::nullopt;
  return ApiKeyPosition{absl::FromUnixMicros(micros), std::string(token.substr(comma + 1))};
}

// "hvk_" and 8 characters to show, "_" and 256 bits of secret.
ApiKeyRecord NewKey(Service& service, const v1::CreateApiKeyRequest& request, std::string* secret) {
  ApiKeyRecord key;
  key.prefix = Cat("hvk_", core::NewSecret(service.random, 6));
  *secret = Cat(key.prefix, "_", core::NewSecret(service.random));
  key.secret_hash = HashSecret(*secret);
  key.description = request.description();
  key.scopes.assign(request.scopes().begin(), request.scopes().end());
  std::sort(key.scopes.begin(), key.scopes.end());
  key.scopes.erase(std::unique(key.scopes.begin(), key.scopes.end()), key.scopes.end());
  key.create_time = service.clock.Now();
  key.expire_time = key.create_time +
                    absl::Seconds(request.has_lifetime() ? request.lifetime().seconds() : kDefaultDays * kDaySeconds);
  return key;
}

}  // namespace

async::Task<absl::StatusOr<v1::CreateApiKeyResponse>> IdentityApi::CreateApiKey(rpc::CallPtr call,
                                                                                v1::CreateApiKeyRequest request) {
  if (auto mistakes = Mistakes(request); !mistakes.empty()) co_return core::InvalidFields(std::move(mistakes));
  std::string secret;
  const ApiKeyRecord key = NewKey(service_, request, &secret);
  auto tx = co_await service_.database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  QueueInsertApiKey(*tx, key);
  Audit(service_, *tx, *call, "api_key.create", Cat("key:", key.prefix),
        Cat("{\"scopes\":\"", Join(key.scopes, " "), "\"}"));
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  v1::CreateApiKeyResponse response;
  response.set_secret(secret);
  *response.mutable_key() = Shown(key);
  co_return response;
}

async::Task<absl::StatusOr<v1::ListApiKeysResponse>> IdentityApi::ListApiKeys(rpc::CallPtr call,
                                                                              v1::ListApiKeysRequest request) {
  constexpr int kDefaultPage = 100;
  if (request.page_size() < 0 || request.page_size() > 500)
    co_return core::InvalidField("pageSize", "must be 0 to 500");
  std::optional<ApiKeyPosition> after;
  if (!request.page_token().empty()) {
    after = ParseToken(request.page_token());
    if (!after) co_return core::InvalidField("pageToken", "is not one that ListApiKeys gave");
  }
  const int size = request.page_size() == 0 ? kDefaultPage : request.page_size();
  auto keys = co_await haven::directory::ListApiKeys(call->deadline(), service_.database, std::move(after), size + 1);
  if (!keys.ok()) co_return keys.status();
  v1::ListApiKeysResponse response;
  for (const ApiKeyRecord& key : *keys) {
    if (response.keys_size() == size) {
      response.set_next_page_token(TokenOf((*keys)[static_cast<std::size_t>(size) - 1]));
      break;
    }
    *response.add_keys() = Shown(key);
  }
  co_return response;
}

async::Task<absl::StatusOr<v1::RevokeApiKeyResponse>> IdentityApi::RevokeApiKey(rpc::CallPtr call,
                                                                                v1::RevokeApiKeyRequest request) {
  const std::string& prefix = request.prefix();
  auto known = co_await FindApiKey(call->deadline(), service_.database, prefix);
  if (!known.ok()) co_return known.status();
  if (!*known) co_return NotFound("no such key");
  if ((*known)->revoke_time) co_return v1::RevokeApiKeyResponse();  // a repeat
  auto tx = co_await service_.database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  QueueRevokeApiKey(*tx, prefix, service_.clock.Now());
  Audit(service_, *tx, *call, "api_key.revoke", Cat("key:", prefix));
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  service_.end_streams([prefix](const rpc::Identity& identity) {
    return identity.kind == rpc::IdentityKind::kIntegrator && identity.subject == prefix;
  });
  co_return v1::RevokeApiKeyResponse();
}

}  // namespace haven::directory
