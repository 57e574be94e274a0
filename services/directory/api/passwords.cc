// ChangePassword by its owner, SetPassword by an administrator.
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/directory/api/attempts.h"
#include "services/directory/api/identity_api.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {

async::Task<absl::StatusOr<v1::ChangePasswordResponse>> IdentityApi::ChangePassword(rpc::CallPtr call,
                                                                                    v1::ChangePasswordRequest request) {
  const rpc::Identity& caller = call->identity();
  auto found = co_await FindById(call->deadline(), service_.database, caller.subject);
  if (!found.ok()) co_return found.status();
  if (!*found || (*found)->user.disabled) co_return Unauthenticated("this user may not sign in");
  const PasswordRecord& record = **found;
  const std::string& username = record.user.spec.username();
  if (const auto problem = ProblemWithPassword(request.new_password(), username, service_.hub)) {
    co_return core::InvalidField("newPassword", *problem);
  }
  if (request.old_password().size() > kLongestPassword)
    co_return core::InvalidField("oldPassword", "is not the one in force");
  // A stolen session must not become a place to guess the password.
  Attempt attempt(service_, username, SourceOf(*call));
  if (auto status = co_await attempt.Begin(call->deadline()); !status.ok()) co_return status;
  auto right = co_await service_.hasher.Verify(call->deadline(), request.old_password(), record.hash);
  if (!right.ok()) co_return right.status();
  if (!*right) co_return core::InvalidField("oldPassword", "is not the one in force");
  auto hash = co_await service_.hasher.Hash(call->deadline(), request.new_password());
  if (!hash.ok()) co_return hash.status();

  auto tx = co_await service_.database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  if (auto status = co_await attempt.Succeed(*tx); !status.ok()) co_return status;
  QueueReplacePassword(*tx, record.user.id, record.hash, *hash);
  QueueEndSessions(*tx, record.user.id, caller.session_id, service_.clock.Now());
  Audit(service_, *tx, *call, "user.change_password", Cat("user:", record.user.id));
  // The caller's own streams end too and come back at once, on the session that stays.
  AnnounceIdentity(service_, *tx, record.user.id, "", "revoked");
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  service_.metrics.sessions_ended.With({"revoked"}).Add();
  co_return v1::ChangePasswordResponse();
}

async::Task<absl::StatusOr<v1::SetPasswordResponse>> IdentityApi::SetPassword(rpc::CallPtr call,
                                                                              v1::SetPasswordRequest request) {
  const std::string username = Lower(Trim(request.username()));
  if (const auto problem = ProblemWithPassword(request.password(), username, service_.hub)) {
    co_return core::InvalidField("password", *problem);
  }
  auto found = co_await FindByUsername(call->deadline(), service_.database, username);
  if (!found.ok()) co_return found.status();
  if (!*found) co_return NotFound("no user has this name");
  const std::string& user_id = (*found)->user.id;
  auto hash = co_await service_.hasher.Hash(call->deadline(), request.password());
  if (!hash.ok()) co_return hash.status();
  auto tx = co_await service_.database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  QueueSetPassword(*tx, user_id, *hash);
  QueueEndSessions(*tx, user_id, "", service_.clock.Now());
  Audit(service_, *tx, *call, "user.set_password", Cat("user:", user_id));
  AnnounceIdentity(service_, *tx, user_id, "", "revoked");
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  service_.metrics.sessions_ended.With({"revoked"}).Add();
  co_return v1::SetPasswordResponse();
}

}  // namespace haven::directory
