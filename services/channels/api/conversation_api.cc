#include "services/channels/api/conversation_api.h"

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/store/errors.h"
#include "services/channels/store/reads.h"

namespace haven::channels {

void ConversationApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.channels.v1.ConversationService";
  registry.Unary(service + "/GetConversation", this, &ConversationApi::GetConversation);
  registry.Unary(service + "/ListMessages", this, &ConversationApi::ListMessages);
  registry.Unary(service + "/ListContacts", this, &ConversationApi::ListContacts);
  registry.Unary(service + "/SendMessage", this, &ConversationApi::SendMessage);
  registry.Unary(service + "/AddNote", this, &ConversationApi::AddNote);
  registry.Unary(service + "/SaveDraft", this, &ConversationApi::SaveDraft);
  registry.Implements(service);
}

async::Task<absl::StatusOr<ConversationView>> ConversationApi::Visible(rpc::CallPtr call, std::string conversation_id) {
  const Viewer viewer = ViewerOf(*call, service_);
  auto view =
      co_await ReadView(service_.context, call->deadline(), ConversationId(std::move(conversation_id)), viewer.user);
  if (view.ok() && !MaySee(viewer, view->participations)) {
    co_return NotFound();
  }
  co_return view;
}

}  // namespace haven::channels
