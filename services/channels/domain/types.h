#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/core/ids.h"

// The nouns of channels without their wire form. Numbers equal those of haven.channels.v1 (api/convert.cc asserts it)
// and are stored, so they never change.
namespace haven::channels {

using ConversationId = core::Id<struct ConversationTag>;
using ContactId = core::Id<struct ContactTag>;
using PersonId = core::Id<struct PersonTag>;
using UserId = core::Id<struct UserTag>;

enum class Channel {
  kNone = 0,
  kWebchat = 1,
  kWhatsapp = 2,
  kSms = 3,
  kMessenger = 4,
  kTelegram = 5,
  kEmail = 6,
  kVoice = 7
};
enum class AuthorKind { kNone = 0, kPerson = 1, kAgent = 2, kFlow = 3, kSystem = 4 };
enum class MessageKind { kNone = 0, kText = 1, kNote = 2, kEvent = 3 };
enum class ConversationEvent {
  kNone = 0,
  kStarted = 1,
  kQueued = 2,
  kAgentJoined = 3,
  kTransferred = 4,
  kEnded = 5,
  kPersonLeft = 6
};
enum class DeliveryState { kNone = 0, kSent = 1, kDelivered = 2, kRead = 3, kFailed = 4, kPerhapsSent = 5 };
enum class ContactState { kNone = 0, kOpen = 1, kEnded = 2 };
enum class OwnerKind { kNone = 0, kFlow = 1, kQueue = 2, kAgent = 3 };
enum class EndReason { kNone = 0, kCompleted = 1, kFlowEnded = 2, kAbandoned = 3, kBlocked = 4, kExpired = 5 };

struct Choice {
  std::string id;
  std::string title;

  friend bool operator==(const Choice&, const Choice&) = default;
};

struct Message {
  std::string id;
  ConversationId conversation;
  std::int64_t sequence = 0;
  ContactId contact;  // empty for a note outside one
  AuthorKind author = AuthorKind::kNone;
  UserId author_user;       // of an agent
  std::string author_name;  // for colleagues
  std::string public_name;  // for visitors
  MessageKind kind = MessageKind::kNone;
  std::string text;
  std::vector<Choice> choices;
  std::string choice_id;
  ConversationEvent event = ConversationEvent::kNone;
  absl::Time created;
  DeliveryState delivery = DeliveryState::kNone;  // as stored; Effective() adds what the person's device reported
  std::string request_id;
};

struct Person {
  PersonId id;
  std::string display_name;
  std::string language;  // chosen; empty if unknown
  absl::Time created;
  int contact_count = 0;
};

struct Contact {
  ContactId id;
  ConversationId conversation;
  Channel channel = Channel::kNone;
  ContactState state = ContactState::kNone;
  OwnerKind owner = OwnerKind::kNone;
  UserId agent;  // while an agent has it
  std::int64_t epoch = 0;
  std::string queue;
  std::string subject;
  std::string language;  // what it is held in: chosen, or the page's
  absl::Time created;
  std::optional<absl::Time> ended;
  EndReason end_reason = EndReason::kNone;
  std::string disposition;
  bool person_left = false;
  std::int64_t last_inbound = 0;  // highest sequence of a message of the person in it
};

struct Conversation {
  ConversationId id;
  PersonId person;
  Channel channel = Channel::kNone;
  std::string channel_key;
  std::string page_language;
  std::int64_t last_sequence = 0;
  std::int64_t seen = 0;      // by the person
  std::int64_t received = 0;  // by the person's device
  std::int64_t version = 0;   // grows with every change of it, its messages and its contacts
  // The agent who last completed a contact of it, and that contact's subject.
  UserId last_agent;
  std::optional<absl::Time> last_agent_time;
  std::string last_subject;
};

}  // namespace haven::channels
