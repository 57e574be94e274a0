#include "services/directory/api/directory_api.h"

namespace haven::directory {

void DirectoryApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.directory.v1.DirectoryService";
  registry.Implements(service);
  registry.Unary(service + "/ApplyHub", this, &DirectoryApi::ApplyHub);
  registry.Unary(service + "/GetHub", this, &DirectoryApi::GetHub);
  registry.Unary(service + "/ListUsers", this, &DirectoryApi::ListUsers);
}

}  // namespace haven::directory
