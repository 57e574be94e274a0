#include "services/channels/api/webchat_api.h"
#include "services/channels/store/inbound.h"
#include "services/channels/store/visitors.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::LeaveChatResponse>> WebchatApi::LeaveChat(rpc::CallPtr call,
                                                                         v1::LeaveChatRequest request) {
  if (auto status = co_await PersonLeft(service_.context, call->deadline(), VisitorOf(*call)); !status.ok())
    co_return status;
  const std::string hash = VisitorTokenHash(*call);
  if (request.revoke_token() && !hash.empty()) {
    if (auto status = co_await RevokeToken(service_.context, call->deadline(), hash); !status.ok()) co_return status;
    // Streams opened with it look at their token with the next news: that is now.
    service_.watchers->Wake(VisitorOf(*call));
  }
  co_return v1::LeaveChatResponse();
}

}  // namespace haven::channels
