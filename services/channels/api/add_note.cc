#include "services/channels/api/conversation_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::AddNoteResponse>> ConversationApi::AddNote(rpc::CallPtr call,
                                                                          v1::AddNoteRequest request) {
  Input input;
  NoteDraft draft;
  draft.conversation = ConversationId(input.Uuid("conversationId", request.conversation_id()));
  draft.text = input.Text("text", request.text(), 1, kMostAgentCharacters);
  draft.request_id = input.Uuid("requestId", request.request_id());
  if (auto status = input.status(); !status.ok()) co_return status;
  auto author = AuthorOf(*call, service_, request.agent_id());
  if (!author.ok()) co_return author.status();
  draft.author = *std::move(author);
  draft.viewer = ViewerOf(*call, service_);
  const UserId reader = draft.author.user;
  auto note = co_await channels::AddNote(service_.context, call->deadline(), std::move(draft));
  if (!note.ok()) co_return note.status();
  service_.metrics->messages.With({"note"}).Add();
  v1::AddNoteResponse response;
  *response.mutable_message() = ForStaff(*note, reader);
  co_return response;
}

}  // namespace haven::channels
