#include "services/channels/api/conversation_api.h"
#include "services/channels/api/input.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::SaveDraftResponse>> ConversationApi::SaveDraft(rpc::CallPtr call,
                                                                              v1::SaveDraftRequest request) {
  Input input;
  const std::string id = input.Uuid("conversationId", request.conversation_id());
  std::string text = input.Text("text", request.text(), 0, kMostAgentCharacters);
  if (auto status = input.status(); !status.ok()) co_return status;
  auto status = co_await channels::SaveDraft(service_.context, call->deadline(), ConversationId(id),
                                             ViewerOf(*call, service_), std::move(text));
  if (!status.ok()) co_return status;
  co_return v1::SaveDraftResponse();
}

}  // namespace haven::channels
