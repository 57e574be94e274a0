#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/text/language.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/webchat_api.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::GetChatSettingsResponse>> WebchatApi::GetChatSettings(
    rpc::CallPtr /*call*/, v1::GetChatSettingsRequest request) {
  auto hub = HubOf(service_);
  if (!hub.ok()) co_return hub.status();
  const auto* channel = (*hub)->FindWebchat(request.channel_key());
  if (channel == nullptr) {
    co_return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND,
                              "no such web chat in this hub");
  }
  const auto& spec = (*hub)->spec();
  v1::GetChatSettingsResponse response;
  response.set_hub_name(spec.display_name());
  for (const std::string& tag : spec.languages()) {
    auto* language = response.add_languages();
    language->set_tag(tag);
    language->set_name(text::LanguageName(tag));
    language->set_right_to_left(text::IsRightToLeft(tag));
    const auto privacy = spec.privacy().find(tag);
    if (privacy != spec.privacy().end()) language->set_privacy(privacy->second);
  }
  const HubView::Hours hours = (*hub)->HoursOf(*channel, service_.context.clock->Now());
  response.set_open(hours.open);
  if (hours.opens) SetTime(*hours.opens, response.mutable_opens_time());
  response.set_quick_exit_url(spec.quick_exit_url());
  co_return response;
}

}  // namespace haven::channels
