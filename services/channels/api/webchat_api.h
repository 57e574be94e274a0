#pragma once

#include "haven/channels/v1/webchat_service.pb.h"
#include "libs/rpc/registry.h"
#include "services/channels/api/service.h"

namespace haven::channels {

// haven.channels.v1.WebchatService: the chat page. One file per method.
class WebchatApi {
 public:
  explicit WebchatApi(Service* service) : service_(*service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<v1::GetChatSettingsResponse>> GetChatSettings(rpc::CallPtr call,
                                                                           v1::GetChatSettingsRequest request);
  async::Task<absl::StatusOr<v1::StartChatResponse>> StartChat(rpc::CallPtr call, v1::StartChatRequest request);
  async::Task<absl::StatusOr<v1::PostMessageResponse>> PostMessage(rpc::CallPtr call, v1::PostMessageRequest request);
  async::Task<absl::StatusOr<v1::ListChatMessagesResponse>> ListChatMessages(rpc::CallPtr call,
                                                                             v1::ListChatMessagesRequest request);
  async::Task<absl::Status> WatchChat(rpc::CallPtr call, v1::WatchChatRequest request,
                                      rpc::StreamWriter<v1::WatchChatResponse> writer);
  async::Task<absl::StatusOr<v1::ReportSeenResponse>> ReportSeen(rpc::CallPtr call, v1::ReportSeenRequest request);
  async::Task<absl::StatusOr<v1::RenewTokenResponse>> RenewToken(rpc::CallPtr call, v1::RenewTokenRequest request);
  async::Task<absl::StatusOr<v1::LeaveChatResponse>> LeaveChat(rpc::CallPtr call, v1::LeaveChatRequest request);

 private:
  Service& service_;
};

}  // namespace haven::channels
