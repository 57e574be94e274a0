#pragma once

#include "absl/status/statusor.h"
#include "haven/directory/v1/identity_service.pb.h"
#include "libs/async/task.h"
#include "libs/rpc/call.h"
#include "libs/rpc/registry.h"
#include "services/directory/api/service.h"

namespace haven::directory {

// haven.directory.v1.IdentityService.
class IdentityApi {
 public:
  explicit IdentityApi(Service& service) : service_(service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<v1::SignInResponse>> SignIn(rpc::CallPtr call, v1::SignInRequest request);
  async::Task<absl::StatusOr<v1::SignOutResponse>> SignOut(rpc::CallPtr call, v1::SignOutRequest request);
  async::Task<absl::StatusOr<v1::GetMeResponse>> GetMe(rpc::CallPtr call, v1::GetMeRequest request);
  async::Task<absl::StatusOr<v1::GetClientKeyResponse>> GetClientKey(rpc::CallPtr call,
                                                                     v1::GetClientKeyRequest request);
  async::Task<absl::StatusOr<v1::ChangePasswordResponse>> ChangePassword(rpc::CallPtr call,
                                                                         v1::ChangePasswordRequest request);
  async::Task<absl::StatusOr<v1::SetPasswordResponse>> SetPassword(rpc::CallPtr call, v1::SetPasswordRequest request);
  async::Task<absl::StatusOr<v1::CreateApiKeyResponse>> CreateApiKey(rpc::CallPtr call,
                                                                     v1::CreateApiKeyRequest request);
  async::Task<absl::StatusOr<v1::ListApiKeysResponse>> ListApiKeys(rpc::CallPtr call, v1::ListApiKeysRequest request);
  async::Task<absl::StatusOr<v1::RevokeApiKeyResponse>> RevokeApiKey(rpc::CallPtr call,
                                                                     v1::RevokeApiKeyRequest request);

 private:
  Service& service_;
};

}  // namespace haven::directory
