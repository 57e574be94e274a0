#pragma once

#include "absl/status/statusor.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/async/task.h"
#include "libs/rpc/call.h"
#include "libs/rpc/registry.h"
#include "services/directory/api/service.h"

namespace haven::directory {

// haven.internal.directory.v1.DirectoryInternalService.
class InternalApi {
 public:
  using IssueTokenRequest = internal::directory::v1::IssueTokenRequest;
  using IssueTokenResponse = internal::directory::v1::IssueTokenResponse;
  using GetConfigurationRequest = internal::directory::v1::GetConfigurationRequest;
  using GetConfigurationResponse = internal::directory::v1::GetConfigurationResponse;

  explicit InternalApi(Service& service) : service_(service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<IssueTokenResponse>> IssueToken(rpc::CallPtr call, IssueTokenRequest request);
  async::Task<absl::StatusOr<GetConfigurationResponse>> GetConfiguration(rpc::CallPtr call,
                                                                         GetConfigurationRequest request);

 private:
  Service& service_;
};

}  // namespace haven::directory
