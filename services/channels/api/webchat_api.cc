#include "services/channels/api/webchat_api.h"

namespace haven::channels {

void WebchatApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.channels.v1.WebchatService";
  registry.Unary(service + "/GetChatSettings", this, &WebchatApi::GetChatSettings);
  registry.Unary(service + "/StartChat", this, &WebchatApi::StartChat);
  registry.Unary(service + "/PostMessage", this, &WebchatApi::PostMessage);
  registry.Unary(service + "/ListChatMessages", this, &WebchatApi::ListChatMessages);
  registry.ServerStream(service + "/WatchChat", this, &WebchatApi::WatchChat);
  registry.Unary(service + "/ReportSeen", this, &WebchatApi::ReportSeen);
  registry.Unary(service + "/RenewToken", this, &WebchatApi::RenewToken);
  registry.Unary(service + "/LeaveChat", this, &WebchatApi::LeaveChat);
  registry.Implements(service);
}

}  // namespace haven::channels
