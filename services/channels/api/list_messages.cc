#include "services/channels/api/conversation_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::ListMessagesResponse>> ConversationApi::ListMessages(rpc::CallPtr call,
                                                                                    v1::ListMessagesRequest request) {
  Input input;
  MessageQuery query;
  query.conversation = ConversationId(input.Uuid("conversationId", request.conversation_id()));
  query.after = request.after_sequence();
  query.before = request.before_sequence();
  query.limit = input.PageSize("pageSize", request.page_size(), 50, 200);
  query.notes = true;
  input.Require(query.after >= 0, "afterSequence", "must not be negative");
  input.Require(query.before >= 0, "beforeSequence", "must not be negative");
  input.Require(query.after == 0 || query.before == 0, "beforeSequence", "must not stand together with afterSequence");
  if (auto status = input.status(); !status.ok()) co_return status;
  auto view = co_await Visible(call, query.conversation.value());
  if (!view.ok()) co_return view.status();
  auto page = co_await ReadMessages(service_.context, call->deadline(), std::move(query));
  if (!page.ok()) co_return page.status();
  const UserId reader = ViewerOf(*call, service_).user;
  v1::ListMessagesResponse response;
  for (const Message& message : page->messages) *response.add_messages() = ForStaff(message, reader);
  response.set_has_more(page->has_more);
  co_return response;
}

}  // namespace haven::channels
