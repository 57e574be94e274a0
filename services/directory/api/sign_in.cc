#include <google/protobuf/util/time_util.h>

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/directory/api/attempts.h"
#include "services/directory/api/identity_api.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

// One answer for an unknown name, a wrong password, a user without password and a disabled one.
absl::Status Refused() {
  return Unauthenticated("name or password is wrong");
}

struct Entry {
  SessionRecord session;
  std::string secret;
};

Entry NewSession(Service& service, const std::string& user_id) {
  Entry entry;
  entry.secret = Cat("hvs_", core::NewSecret(service.random));
  entry.session.id = core::NewUuid(service.clock, service.random);
  entry.session.user_id = user_id;
  entry.session.secret_hash = HashSecret(entry.secret);
  entry.session.create_time = service.clock.Now();
  entry.session.expire_time = entry.session.create_time + absl::FromChrono(service.config.session_life);
  return entry;
}

// The password is right: everything that follows is one transaction.
async::Task<absl::StatusOr<v1::SignInResponse>> Enter(Service* service, rpc::CallPtr call, Attempt* attempt,
                                                      PasswordRecord record, std::string password) {
  std::string fresh;
  if (service->hasher.NeedsRehash(record.hash)) {
    auto hash = co_await service->hasher.Hash(call->deadline(), std::move(password));
    if (hash.ok()) fresh = *std::move(hash);  // otherwise at the next sign-in
  }
  auto tx = co_await service->database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  if (auto status = co_await attempt->Succeed(*tx); !status.ok()) co_return status;
  const Entry entry = NewSession(*service, record.user.id);
  if (!fresh.empty()) QueueReplacePassword(*tx, record.user.id, record.hash, fresh);
  QueueInsertSession(*tx, entry.session);
  Audit(*service, *tx, *call, "session.sign_in", Cat("user:", record.user.id),
        Cat("{\"session\":\"", entry.session.id, "\"}"));
  auto status = co_await tx->Commit();
  // Disabled, or given another password, since the look-up.
  if (absl::IsAborted(status)) co_return Refused();
  if (!status.ok()) co_return status;
  v1::SignInResponse response;
  response.set_session_secret(entry.secret);
  *response.mutable_user() = UserOf(record.user);
  *response.mutable_expire_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(entry.session.expire_time));
  co_return response;
}

async::Task<absl::StatusOr<v1::SignInResponse>> TrySignIn(Service* service, rpc::CallPtr call,
                                                          v1::SignInRequest request) {
  constexpr std::size_t kLongestName = 256;  // longer than any: as wrong as others
  const std::string username = Lower(Trim(std::string_view(request.username()).substr(0, kLongestName)));
  if (request.password().size() > kLongestPassword)
    co_return core::InvalidField("password", "is longer than 1,024 bytes");
  Attempt attempt(*service, username, SourceOf(*call));
  if (auto status = co_await attempt.Begin(call->deadline()); !status.ok()) co_return status;
  auto found = co_await FindByUsername(call->deadline(), service->database, username);
  if (!found.ok()) co_return found.status();
  std::string hash;
  if (*found && !(*found)->user.disabled) hash = (*found)->hash;
  auto right = co_await service->hasher.Verify(call->deadline(), request.password(), std::move(hash));
  if (!right.ok()) co_return right.status();
  if (!*right) co_return Refused();
  co_return co_await Enter(service, call, &attempt, **std::move(found), std::move(*request.mutable_password()));
}

std::string_view OutcomeOf(const absl::Status& status) {
  if (status.ok()) return "ok";
  if (absl::IsUnauthenticated(status)) return "refused";
  if (!absl::IsResourceExhausted(status)) return "failed";
  return core::ReasonOf(status) == errors::v1::REASON_RATE_LIMITED ? "throttled" : "overloaded";
}

}  // namespace

async::Task<absl::StatusOr<v1::SignInResponse>> IdentityApi::SignIn(rpc::CallPtr call, v1::SignInRequest request) {
  auto response = co_await TrySignIn(&service_, call, std::move(request));
  service_.metrics.sign_ins.With({OutcomeOf(response.status())}).Add();
  co_return response;
}

}  // namespace haven::directory
