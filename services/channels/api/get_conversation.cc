#include "services/channels/api/conversation_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::GetConversationResponse>> ConversationApi::GetConversation(
    rpc::CallPtr call, v1::GetConversationRequest request) {
  Input input;
  const std::string id = input.Uuid("conversationId", request.conversation_id());
  if (auto status = input.status(); !status.ok()) co_return status;
  auto view = co_await Visible(call, id);
  if (!view.ok()) co_return view.status();
  v1::GetConversationResponse response;
  *response.mutable_conversation() = ToProto(view->conversation, view->person, view->open_contact);
  response.set_draft(view->draft);
  co_return response;
}

}  // namespace haven::channels
