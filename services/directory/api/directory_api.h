#pragma once

#include "absl/status/statusor.h"
#include "haven/directory/v1/directory_service.pb.h"
#include "libs/async/task.h"
#include "libs/rpc/call.h"
#include "libs/rpc/registry.h"
#include "services/directory/api/service.h"

namespace haven::directory {

// haven.directory.v1.DirectoryService.
class DirectoryApi {
 public:
  explicit DirectoryApi(Service& service) : service_(service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<v1::ApplyHubResponse>> ApplyHub(rpc::CallPtr call, v1::ApplyHubRequest request);
  async::Task<absl::StatusOr<v1::GetHubResponse>> GetHub(rpc::CallPtr call, v1::GetHubRequest request);
  async::Task<absl::StatusOr<v1::ListUsersResponse>> ListUsers(rpc::CallPtr call, v1::ListUsersRequest request);

 private:
  Service& service_;
};

}  // namespace haven::directory
