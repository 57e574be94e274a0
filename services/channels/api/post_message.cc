#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/inbound.h"

namespace haven::channels {
namespace {

constexpr std::size_t kMostChoiceId = 64;

}  // namespace

async::Task<absl::StatusOr<v1::PostMessageResponse>> WebchatApi::PostMessage(rpc::CallPtr call,
                                                                             v1::PostMessageRequest request) {
  Input input;
  InboundMessage inbound;
  inbound.conversation = VisitorOf(*call);
  inbound.token_hash = VisitorTokenHash(*call);
  inbound.request_id = input.Uuid("requestId", request.request_id());
  inbound.text = input.Text("text", request.text(), request.choice_id().empty() ? 1 : 0, kMostPersonCharacters);
  inbound.choice_id = input.Text("choiceId", request.choice_id(), 0, kMostChoiceId);
  if (auto status = input.status(); !status.ok()) co_return status;
  auto message = co_await TakeMessage(service_.context, call->deadline(), std::move(inbound));
  if (!message.ok()) co_return message.status();
  service_.metrics->messages.With({"person"}).Add();
  v1::PostMessageResponse response;
  *response.mutable_message() = ForVisitor(*message);
  co_return response;
}

}  // namespace haven::channels
