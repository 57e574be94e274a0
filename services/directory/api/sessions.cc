// What people ask about themselves: SignOut, GetMe, GetClientKey.
#include "services/directory/api/identity_api.h"
#include "services/directory/domain/strings.h"
#include "services/directory/store/identity_store.h"

namespace haven::directory {

async::Task<absl::StatusOr<v1::SignOutResponse>> IdentityApi::SignOut(rpc::CallPtr call, v1::SignOutRequest) {
  const rpc::Identity& caller = call->identity();
  if (caller.session_id.empty()) co_return Unauthenticated("this credential is no session");
  auto tx = co_await service_.database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  QueueEndSession(*tx, caller.session_id, service_.clock.Now());
  Audit(service_, *tx, *call, "session.sign_out", Cat("user:", caller.subject),
        Cat("{\"session\":\"", caller.session_id, "\"}"));
  AnnounceIdentity(service_, *tx, caller.subject, caller.session_id, "signed_out");
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  service_.metrics.sessions_ended.With({"signed_out"}).Add();
  co_return v1::SignOutResponse();
}

async::Task<absl::StatusOr<v1::GetMeResponse>> IdentityApi::GetMe(rpc::CallPtr call, v1::GetMeRequest) {
  auto found = co_await FindById(call->deadline(), service_.database, call->identity().subject);
  if (!found.ok()) co_return found.status();
  if (!*found || (*found)->user.disabled) co_return Unauthenticated("this user may not sign in");
  v1::GetMeResponse response;
  *response.mutable_user() = UserOf((*found)->user);
  co_return response;
}

async::Task<absl::StatusOr<v1::GetClientKeyResponse>> IdentityApi::GetClientKey(rpc::CallPtr call,
                                                                                v1::GetClientKeyRequest) {
  std::string fresh(32, '\0');
  service_.random.Fill(reinterpret_cast<unsigned char*>(fresh.data()), fresh.size());
  auto key = co_await ClientKey(call->deadline(), service_.database, call->identity().subject, std::move(fresh));
  if (!key.ok()) co_return key.status();
  if (!*key) co_return Unauthenticated("this user may not sign in");
  v1::GetClientKeyResponse response;
  response.set_key(**std::move(key));
  co_return response;
}

}  // namespace haven::directory
