#pragma once

#include <string>
#include <vector>

#include "haven/channels/v1/conversation_service.pb.h"
#include "haven/channels/v1/webchat_service.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "services/channels/testing/test_hub.h"

// Callers of the public and internal API, a line each.
namespace haven::channels::testing {

namespace wire = ::haven::internal::channels::v1;

inline constexpr char kWebchat[] = "haven.channels.v1.WebchatService/";
inline constexpr char kConversations[] = "haven.channels.v1.ConversationService/";
inline constexpr char kContacts[] = "haven.internal.channels.v1.ContactService/";

inline std::string NewId() {
  return core::NewUuid(core::SystemClock(), core::SystemRandom());
}

// A visitor with an open chat.
struct Visitor {
  TestHub& hub;
  std::string token;
  std::string conversation;

  static Visitor Start(TestHub& hub, const std::string& language = "en") {
    v1::StartChatRequest request;
    request.set_language(language);
    request.set_request_id(NewId());
    const auto chat = hub.Call<v1::StartChatResponse>(std::string(kWebchat) + "StartChat", request, {}, NewId());
    INFO(chat.status().ToString());
    REQUIRE(chat.ok());
    return {hub, chat->visitor_token(), chat->conversation_id()};
  }

  absl::StatusOr<v1::Message> TryPost(const std::string& text, const std::string& request_id = NewId(),
                                      const std::string& choice = {}) {
    v1::PostMessageRequest request;
    request.set_text(text);
    request.set_choice_id(choice);
    request.set_request_id(request_id);
    const auto posted = hub.Call<v1::PostMessageResponse>(std::string(kWebchat) + "PostMessage", request, token);
    if (!posted.ok()) return posted.status();
    return posted->message();
  }
  v1::Message Post(const std::string& text) {
    const auto posted = TryPost(text);
    INFO(posted.status().ToString());
    REQUIRE(posted.ok());
    return *posted;
  }
  std::vector<v1::Message> Messages(std::int64_t after = 0) {
    v1::ListChatMessagesRequest request;
    request.set_after_sequence(after);
    const auto listed =
        hub.Call<v1::ListChatMessagesResponse>(std::string(kWebchat) + "ListChatMessages", request, token);
    INFO(listed.status().ToString());
    REQUIRE(listed.ok());
    return {listed->messages().begin(), listed->messages().end()};
  }
  // The open contact's id, "" if there is none.
  std::string Contact() {
    return hub.Sql("SELECT id FROM channels.contact WHERE state = 1 AND conversation_id = '" + conversation + "'");
  }
};

// Routing as the caller of ContactService: hand-offs in order, per contact.
class RoutingCaller {
 public:
  explicit RoutingCaller(TestHub& hub) : hub_(hub) {}

  absl::Status Owner(const std::string& contact, std::int64_t epoch, const std::string& agent,
                     const std::string& queue = "legal", bool transferred = false) {
    wire::ApplyOwnerRequest request;
    Fill(contact, request.mutable_handoff());
    request.set_contact_id(contact);
    request.set_epoch(epoch);
    request.set_owner_kind(agent.empty() ? v1::OWNER_KIND_QUEUE : v1::OWNER_KIND_AGENT);
    request.set_agent_id(agent);
    request.set_queue(queue);
    request.set_transferred(transferred);
    return hub_.Call<wire::ApplyOwnerResponse>(std::string(kContacts) + "ApplyOwner", request, Token()).status();
  }
  absl::StatusOr<wire::CloseContactResponse> Close(const std::string& contact, std::int64_t epoch,
                                                   std::int64_t handled_through, const std::string& agent = kAmal,
                                                   v1::EndReason reason = v1::END_REASON_COMPLETED) {
    return hub_.Call<wire::CloseContactResponse>(std::string(kContacts) + "CloseContact",
                                                 Closing(contact, epoch, handled_through, agent, reason), Token());
  }
  wire::CloseContactRequest Closing(const std::string& contact, std::int64_t epoch, std::int64_t handled_through,
                                    const std::string& agent = kAmal, v1::EndReason reason = v1::END_REASON_COMPLETED) {
    wire::CloseContactRequest request;
    Fill(contact, request.mutable_handoff());
    request.set_contact_id(contact);
    request.set_epoch(epoch);
    request.set_handled_through(handled_through);
    request.set_reason(reason);
    request.set_agent_id(agent);
    return request;
  }
  void Fill(const std::string& contact, internal::handoff::v1::Handoff* handoff) {
    handoff->set_caller("routing");
    handoff->set_aggregate(contact);
    handoff->set_previous(sequences_[contact]);
    handoff->set_sequence(++sequences_[contact]);
  }
  std::string Token() { return hub_.ServiceToken("routing"); }

 private:
  TestHub& hub_;
  std::map<std::string, std::int64_t> sequences_;
};

// An agent of the hub.
struct Agent {
  TestHub& hub;
  std::string id;

  absl::StatusOr<v1::Message> Send(const std::string& conversation, const std::string& contact, std::int64_t epoch,
                                   const std::string& text, const std::string& request_id = NewId()) {
    v1::SendMessageRequest request;
    request.set_conversation_id(conversation);
    request.set_contact_id(contact);
    request.set_epoch(epoch);
    request.set_text(text);
    request.set_request_id(request_id);
    const auto sent =
        hub.Call<v1::SendMessageResponse>(std::string(kConversations) + "SendMessage", request, hub.Staff(id, "AGENT"));
    if (!sent.ok()) return sent.status();
    return sent->message();
  }
};

}  // namespace haven::channels::testing
