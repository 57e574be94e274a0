#include <google/protobuf/util/time_util.h>

#include "services/directory/api/directory_api.h"

namespace haven::directory {

async::Task<absl::StatusOr<v1::GetHubResponse>> DirectoryApi::GetHub(rpc::CallPtr call, v1::GetHubRequest) {
  auto configuration = co_await service_.configurations.Current(call->deadline());
  if (!configuration.ok()) co_return configuration.status();
  if ((*configuration)->version == 0) co_return NotFound("no hub has been applied yet");
  v1::GetHubResponse response;
  *response.mutable_spec() = (*configuration)->spec;
  response.set_version((*configuration)->version);
  *response.mutable_apply_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros((*configuration)->apply_time));
  co_return response;
}

}  // namespace haven::directory
