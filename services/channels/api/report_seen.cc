#include <algorithm>

#include "services/channels/api/input.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/inbound.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::ReportSeenResponse>> WebchatApi::ReportSeen(rpc::CallPtr call,
                                                                           v1::ReportSeenRequest request) {
  Input input;
  input.Require(request.sequence() >= 0, "sequence", "must not be negative");
  input.Require(request.received_sequence() >= 0, "receivedSequence", "must not be negative");
  if (auto status = input.status(); !status.ok()) co_return status;
  auto status =
      co_await channels::ReportSeen(service_.context, call->deadline(), VisitorOf(*call),
                                    std::max(request.received_sequence(), request.sequence()), request.sequence());
  if (!status.ok()) co_return status;
  co_return v1::ReportSeenResponse();
}

}  // namespace haven::channels
