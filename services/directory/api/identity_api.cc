#include "services/directory/api/identity_api.h"

namespace haven::directory {

void IdentityApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.directory.v1.IdentityService";
  registry.Implements(service);
  registry.Unary(service + "/SignIn", this, &IdentityApi::SignIn);
  registry.Unary(service + "/SignOut", this, &IdentityApi::SignOut);
  registry.Unary(service + "/GetMe", this, &IdentityApi::GetMe);
  registry.Unary(service + "/GetClientKey", this, &IdentityApi::GetClientKey);
  registry.Unary(service + "/ChangePassword", this, &IdentityApi::ChangePassword);
  registry.Unary(service + "/SetPassword", this, &IdentityApi::SetPassword);
  registry.Unary(service + "/CreateApiKey", this, &IdentityApi::CreateApiKey);
  registry.Unary(service + "/ListApiKeys", this, &IdentityApi::ListApiKeys);
  registry.Unary(service + "/RevokeApiKey", this, &IdentityApi::RevokeApiKey);
}

}  // namespace haven::directory
