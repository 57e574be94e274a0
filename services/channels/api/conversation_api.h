#pragma once

#include "haven/channels/v1/conversation_service.pb.h"
#include "libs/rpc/registry.h"
#include "services/channels/api/service.h"
#include "services/channels/store/reads.h"

namespace haven::channels {

// haven.channels.v1.ConversationService: conversations for the people who answer. One file per method or tight family.
class ConversationApi {
 public:
  explicit ConversationApi(Service* service) : service_(*service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<v1::GetConversationResponse>> GetConversation(rpc::CallPtr call,
                                                                           v1::GetConversationRequest request);
  async::Task<absl::StatusOr<v1::ListMessagesResponse>> ListMessages(rpc::CallPtr call,
                                                                     v1::ListMessagesRequest request);
  async::Task<absl::StatusOr<v1::ListContactsResponse>> ListContacts(rpc::CallPtr call,
                                                                     v1::ListContactsRequest request);
  async::Task<absl::StatusOr<v1::SendMessageResponse>> SendMessage(rpc::CallPtr call, v1::SendMessageRequest request);
  async::Task<absl::StatusOr<v1::AddNoteResponse>> AddNote(rpc::CallPtr call, v1::AddNoteRequest request);
  async::Task<absl::StatusOr<v1::SaveDraftResponse>> SaveDraft(rpc::CallPtr call, v1::SaveDraftRequest request);

 private:
  // The conversation if the caller may see it, else NOT_FOUND.
  async::Task<absl::StatusOr<ConversationView>> Visible(rpc::CallPtr call, std::string conversation_id);

  Service& service_;
};

}  // namespace haven::channels
