#include "services/directory/api/internal_api.h"

namespace haven::directory {

async::Task<absl::StatusOr<InternalApi::GetConfigurationResponse>> InternalApi::GetConfiguration(
    rpc::CallPtr call, GetConfigurationRequest request) {
  auto configuration = co_await service_.configurations.Current(call->deadline());
  if (!configuration.ok()) co_return configuration.status();
  const Configuration& current = **configuration;
  GetConfigurationResponse response;
  response.set_version(current.version);
  service_.metrics.version.Set(static_cast<double>(current.version));
  if (current.version == 0 || current.version == request.known_version()) co_return response;
  *response.mutable_spec() = current.spec;
  for (const UserRecord& user : current.users) {
    if (!user.disabled) *response.add_users() = UserOf(user);
  }
  service_.metrics.users.Set(response.users_size());
  co_return response;
}

}  // namespace haven::directory
