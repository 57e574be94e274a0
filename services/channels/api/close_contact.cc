#include <algorithm>
#include <cctype>
#include <string>

#include "services/channels/api/arrival.h"
#include "services/channels/api/contact_api.h"

namespace haven::channels {
namespace {

// "completed".
std::string ReasonLabel(v1::EndReason reason) {
  std::string label = v1::EndReason_Name(reason).substr(sizeof("END_REASON_") - 1);
  std::transform(label.begin(), label.end(), label.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  return label;
}

}  // namespace

async::Task<absl::StatusOr<wire::CloseContactResponse>> ContactApi::CloseContact(rpc::CallPtr call,
                                                                                 wire::CloseContactRequest request) {
  Input input;
  Closing closing;
  closing.arrival = ArrivalOf(request.handoff(), &input);
  closing.contact = ContactId(input.Uuid("contactId", request.contact_id()));
  closing.epoch = request.epoch();
  closing.handled_through = request.handled_through();
  input.Require(request.reason() != v1::END_REASON_UNSPECIFIED && v1::EndReason_IsValid(request.reason()), "reason",
                "must be one of the list");
  closing.reason = static_cast<EndReason>(request.reason());
  closing.agent = UserId(request.agent_id());
  if (auto status = input.status(); !status.ok()) co_return status;
  auto result = co_await channels::CloseContact(service_.context, call->deadline(), std::move(closing));
  if (!result.ok()) co_return result.status();
  if (result->closed) {
    service_.metrics->contacts_ended.With({ReasonLabel(request.reason())}).Add();
  } else {
    service_.metrics->closings_held.Add();
  }
  wire::CloseContactResponse response;
  response.set_closed(result->closed);
  response.set_newest_sequence(result->newest_sequence);
  co_return response;
}

}  // namespace haven::channels
