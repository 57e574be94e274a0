#include "services/directory/api/internal_api.h"

namespace haven::directory {

void InternalApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.internal.directory.v1.DirectoryInternalService";
  registry.Implements(service);
  registry.Unary(service + "/IssueToken", this, &InternalApi::IssueToken);
  registry.Unary(service + "/GetConfiguration", this, &InternalApi::GetConfiguration);
}

}  // namespace haven::directory
