#include "services/channels/api/convert.h"

#include "services/channels/domain/rules.h"

namespace haven::channels {
namespace {

// The numbers of both sides are the same, so that a cast converts. One per enum that has grown would be missed here,
// hence the last one of each.
static_assert(static_cast<int>(Channel::kVoice) == v1::CHANNEL_VOICE);
static_assert(static_cast<int>(AuthorKind::kSystem) == v1::AUTHOR_KIND_SYSTEM);
static_assert(static_cast<int>(AuthorKind::kFlow) == v1::AUTHOR_KIND_FLOW);
static_assert(static_cast<int>(MessageKind::kNote) == v1::MESSAGE_KIND_NOTE);
static_assert(static_cast<int>(MessageKind::kEvent) == v1::MESSAGE_KIND_EVENT);
static_assert(static_cast<int>(ConversationEvent::kQueued) == v1::CONVERSATION_EVENT_QUEUED);
static_assert(static_cast<int>(ConversationEvent::kPersonLeft) == v1::CONVERSATION_EVENT_PERSON_LEFT);
static_assert(static_cast<int>(DeliveryState::kRead) == v1::DELIVERY_STATE_READ);
static_assert(static_cast<int>(DeliveryState::kPerhapsSent) == v1::DELIVERY_STATE_PERHAPS_SENT);
static_assert(static_cast<int>(ContactState::kEnded) == v1::CONTACT_STATE_ENDED);
static_assert(static_cast<int>(OwnerKind::kAgent) == v1::OWNER_KIND_AGENT);
static_assert(static_cast<int>(EndReason::kExpired) == v1::END_REASON_EXPIRED);

v1::Message Common(const Message& message) {
  v1::Message out;
  out.set_id(message.id);
  out.set_conversation_id(message.conversation.value());
  out.set_sequence(message.sequence);
  out.set_author_kind(static_cast<v1::AuthorKind>(message.author));
  out.set_kind(static_cast<v1::MessageKind>(message.kind));
  out.set_text(message.text);
  for (const Choice& choice : message.choices) {
    auto* added = out.add_choices();
    added->set_id(choice.id);
    added->set_title(choice.title);
  }
  out.set_choice_id(message.choice_id);
  out.set_event(static_cast<v1::ConversationEvent>(message.event));
  SetTime(message.created, out.mutable_create_time());
  out.set_delivery_state(static_cast<v1::DeliveryState>(message.delivery));
  return out;
}

}  // namespace

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const auto seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

v1::Message ForStaff(const Message& message, const UserId& reader) {
  v1::Message out = Common(message);
  out.set_contact_id(message.contact.value());
  out.set_author_id(message.author_user.value());
  out.set_author_name(message.author_name);
  if (!reader.empty() && message.author_user == reader) out.set_request_id(message.request_id);
  return out;
}

v1::Message ForVisitor(const Message& message) {
  v1::Message out = Common(message);
  out.set_author_name(message.public_name);
  if (message.author == AuthorKind::kPerson) out.set_request_id(message.request_id);
  return out;
}

v1::Contact ToProto(const Contact& contact) {
  v1::Contact out;
  out.set_id(contact.id.value());
  out.set_conversation_id(contact.conversation.value());
  out.set_channel(static_cast<v1::Channel>(contact.channel));
  out.set_state(static_cast<v1::ContactState>(contact.state));
  out.set_owner_kind(static_cast<v1::OwnerKind>(contact.owner));
  out.set_owner_id(contact.agent.value());
  out.set_epoch(contact.epoch);
  out.set_queue(contact.queue);
  out.set_subject(contact.subject);
  out.set_language(contact.language);
  SetTime(contact.created, out.mutable_create_time());
  if (contact.ended) SetTime(*contact.ended, out.mutable_end_time());
  out.set_end_reason(static_cast<v1::EndReason>(contact.end_reason));
  out.set_disposition(contact.disposition);
  out.set_person_left(contact.person_left);
  out.set_last_inbound_sequence(contact.last_inbound);
  return out;
}

v1::Person ToProto(const Person& person) {
  v1::Person out;
  out.set_id(person.id.value());
  out.set_display_name(person.display_name);
  out.set_short_code(ShortCode(person.id));
  out.set_language(person.language);
  SetTime(person.created, out.mutable_first_contact_time());
  out.set_contact_count(person.contact_count);
  return out;
}

v1::Conversation ToProto(const Conversation& conversation, const Person& person, const std::optional<Contact>& open) {
  v1::Conversation out;
  out.set_id(conversation.id.value());
  *out.mutable_person() = ToProto(person);
  out.set_channel(static_cast<v1::Channel>(conversation.channel));
  out.set_last_sequence(conversation.last_sequence);
  if (open) *out.mutable_open_contact() = ToProto(*open);
  out.set_person_seen_sequence(conversation.seen);
  return out;
}

}  // namespace haven::channels
