#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/errors.h"
#include "services/channels/store/reads.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::ListChatMessagesResponse>> WebchatApi::ListChatMessages(
    rpc::CallPtr call, v1::ListChatMessagesRequest request) {
  Input input;
  MessageQuery query;
  query.conversation = VisitorOf(*call);
  query.after = request.after_sequence();
  query.limit = input.PageSize("pageSize", request.page_size(), 100, 200);
  input.Require(request.after_sequence() >= 0, "afterSequence", "must not be negative");
  if (auto status = input.status(); !status.ok()) co_return status;
  auto head = co_await ReadHead(service_.context, call->deadline(), query.conversation, VisitorTokenHash(*call));
  if (!head.ok()) co_return head.status();
  if (!head->token_stands) {
    co_return TokenEnded();
  }
  auto page = co_await ReadMessages(service_.context, call->deadline(), std::move(query));
  if (!page.ok()) co_return page.status();
  v1::ListChatMessagesResponse response;
  for (const Message& message : page->messages) *response.add_messages() = ForVisitor(message);
  response.set_has_more(page->has_more);
  co_return response;
}

}  // namespace haven::channels
