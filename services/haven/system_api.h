#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "haven/system/v1/system.pb.h"
#include "libs/async/task.h"
#include "libs/rpc/registry.h"

namespace haven {

// haven.system.v1.SystemService: what every process of a hub answers about itself.
class SystemApi {
 public:
  SystemApi(std::string version, std::string hub) : version_(std::move(version)), hub_(std::move(hub)) {}

  // This outlives the server.
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<system::v1::GetVersionResponse>> GetVersion(rpc::CallPtr call,
                                                                         system::v1::GetVersionRequest request);
  async::Task<absl::StatusOr<system::v1::EchoResponse>> Echo(rpc::CallPtr call, system::v1::EchoRequest request);
  async::Task<absl::Status> Count(rpc::CallPtr call, system::v1::CountRequest request,
                                  rpc::StreamWriter<system::v1::CountResponse> writer);

 private:
  const std::string version_;
  const std::string hub_;
};

}  // namespace haven
