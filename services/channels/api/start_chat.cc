#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"
#include "libs/text/language.h"
#include "services/channels/api/input.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/visitors.h"

namespace haven::channels {
namespace {

constexpr std::size_t kSourceDigits = 32;

absl::Status Refusal(const StartGate::Decision& decision, const Metrics& metrics) {
  if (decision.limit == StartGate::Limit::kSource) {
    metrics.starts_refused.With({"source"}).Add();
    return core::LimitError(errors::v1::REASON_RATE_LIMITED, "too many chats were started from this address",
                            decision.retry_after);
  }
  metrics.starts_refused.With({"hub"}).Add();
  return core::LimitError(errors::v1::REASON_OVERLOADED, "too many chats are being started on this hub",
                          decision.retry_after);
}

}  // namespace

async::Task<absl::StatusOr<v1::StartChatResponse>> WebchatApi::StartChat(rpc::CallPtr call,
                                                                         v1::StartChatRequest request) {
  Input input;
  ChatStart start;
  start.request_id = input.Uuid("requestId", request.request_id());
  input.Require(request.language().empty() || text::IsLanguageTag(request.language()), "language",
                "must be a BCP 47 tag");
  if (auto status = input.status(); !status.ok()) co_return status;

  // Before anything that costs: a flood is answered from memory. The address itself goes no further than this line.
  const std::string source =
      crypto::ToHex(crypto::KeyedHash(service_.token_key, SourceOf(*call))).substr(0, kSourceDigits);
  const auto decision = co_await service_.gate->Admit(call->deadline(), source);
  if (decision.limit != StartGate::Limit::kNone) co_return Refusal(decision, *service_.metrics);

  auto hub = HubOf(service_);
  if (!hub.ok()) co_return hub.status();
  const auto* channel = (*hub)->FindWebchat(request.channel_key());
  if (channel == nullptr) {
    co_return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND,
                              "no such web chat in this hub");
  }
  start.channel_key = channel->key();
  start.language = text::MatchLanguage(request.language(), (*hub)->languages());
  start.language_chosen = request.language_chosen();
  start.server_key = service_.token_key;
  auto chat = co_await channels::StartChat(service_.context, call->deadline(), std::move(start),
                                           absl::FromChrono(service_.config.token_life));
  if (!chat.ok()) co_return chat.status();
  service_.metrics->chats_started.Add();
  v1::StartChatResponse response;
  response.set_visitor_token(chat->token);
  response.set_conversation_id(chat->conversation.value());
  co_return response;
}

}  // namespace haven::channels
