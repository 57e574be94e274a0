#include "services/channels/api/arrival.h"
#include "services/channels/api/contact_api.h"

namespace haven::channels {

async::Task<absl::StatusOr<wire::RecordWrapUpResponse>> ContactApi::RecordWrapUp(rpc::CallPtr call,
                                                                                 wire::RecordWrapUpRequest request) {
  if (auto hub = HubOf(service_); !hub.ok()) co_return hub.status();
  Input input;
  WrapUp wrap_up;
  wrap_up.arrival = ArrivalOf(request.handoff(), &input);
  wrap_up.contact = ContactId(input.Uuid("contactId", request.contact_id()));
  wrap_up.agent = UserId(request.agent_id());
  wrap_up.agent_name = AuthorFor(service_, wrap_up.agent).name;
  wrap_up.disposition = input.Text("disposition", request.disposition(), 0, 64);
  wrap_up.note = input.Text("note", request.note(), 0, kMostAgentCharacters);
  if (auto status = input.status(); !status.ok()) co_return status;
  auto status = co_await channels::RecordWrapUp(service_.context, call->deadline(), std::move(wrap_up));
  if (!status.ok()) co_return status;
  co_return wire::RecordWrapUpResponse();
}

}  // namespace haven::channels
