#include "services/channels/api/contact_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"
#include "services/channels/store/reads.h"

namespace haven::channels {
namespace {

constexpr int kMostPositions = 500;

}  // namespace

async::Task<absl::StatusOr<wire::ReadMessagesResponse>> ContactApi::ReadMessages(rpc::CallPtr call,
                                                                                 wire::ReadMessagesRequest request) {
  Input input;
  input.Require(request.positions_size() <= kMostPositions, "positions", "must be at most 500");
  const int limit = input.PageSize("limit", request.limit(), 100, 200);
  std::vector<ReadFrom> positions;
  for (const auto& position : request.positions()) {
    positions.push_back({ConversationId(input.Uuid("positions.conversationId", position.conversation_id())),
                         position.after_sequence()});
  }
  if (auto status = input.status(); !status.ok()) co_return status;
  auto messages =
      co_await ReadMany(service_.context, call->deadline(), std::move(positions), request.include_notes(), limit);
  if (!messages.ok()) co_return messages.status();
  wire::ReadMessagesResponse response;
  // The author is whoever asks for whom the feed is; request ids tell a browser which of its copies are committed.
  for (const Message& message : *messages) *response.add_messages() = ForStaff(message, message.author_user);
  co_return response;
}

}  // namespace haven::channels
