#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

const std::string kGet = std::string(kConversations) + "GetConversation";

// A conversation that Amal holds with epoch 3 in the legal queue.
struct Held {
  explicit Held(TestHub& hub) : hub(hub), routing(hub), visitor(Visitor::Start(hub)), contact(visitor.Contact()) {
    visitor.Post("my landlord wants us out");
    REQUIRE(routing.Owner(contact, 2, "").ok());
    REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  }
  TestHub& hub;
  RoutingCaller routing;
  Visitor visitor;
  std::string contact;
};

absl::StatusOr<v1::GetConversationResponse> Get(TestHub& hub, const std::string& id, const std::string& token) {
  v1::GetConversationRequest request;
  request.set_conversation_id(id);
  return hub.Call<v1::GetConversationResponse>(kGet, request, token);
}

TEST_CASE("GetConversation shows person, open contact and draft to who has it") {
  TestHub hub;
  Held held(hub);
  const auto shown = Get(hub, held.visitor.conversation, hub.Staff(kAmal, "AGENT"));
  INFO(shown.status().ToString());
  REQUIRE(shown.ok());
  const auto& conversation = shown->conversation();
  CHECK(conversation.open_contact().id() == held.contact);
  CHECK(conversation.open_contact().owner_kind() == v1::OWNER_KIND_AGENT);
  CHECK(conversation.open_contact().owner_id() == kAmal);
  CHECK(conversation.open_contact().epoch() == 3);
  CHECK(conversation.open_contact().queue() == "legal");
  CHECK(conversation.open_contact().last_inbound_sequence() == 2);
  CHECK(conversation.person().short_code().size() == 4);
  CHECK(conversation.person().contact_count() == 1);
  CHECK(conversation.channel() == v1::CHANNEL_WEBCHAT);
}

TEST_CASE("GetConversation_NotYours_NotFound") {
  TestHub hub;
  Held held(hub);
  const std::string& id = held.visitor.conversation;
  CHECK(Reason(Get(hub, id, hub.Staff(kRami, "AGENT"))) == "REASON_NOT_FOUND");
  CHECK(Reason(Get(hub, id, hub.Staff(kOtherLead, "SUPERVISOR", {"empty-team"}))) == "REASON_NOT_FOUND");
  CHECK(Get(hub, id, hub.Staff(kLead, "SUPERVISOR", {"legal-team"})).ok());
  CHECK(Get(hub, id, hub.Integrator({"conversations.read"})).ok());
  CHECK(Reason(Get(hub, id, hub.Integrator({"hub.read"}))) == "REASON_FORBIDDEN");
  // The same answer as for one that does not exist.
  CHECK(Get(hub, NewId(), hub.Staff(kRami, "AGENT")).status() == Get(hub, id, hub.Staff(kRami, "AGENT")).status());
  CHECK(Reason(Get(hub, "x", hub.Staff(kAmal, "AGENT"))) == "REASON_INVALID_FIELD");
}

TEST_CASE("An agent still sees what they have held") {
  TestHub hub;
  Held held(hub);
  REQUIRE(held.routing.Owner(held.contact, 4, kRami, "legal", true).ok());
  CHECK(Get(hub, held.visitor.conversation, hub.Staff(kAmal, "AGENT")).ok());
  CHECK(Get(hub, held.visitor.conversation, hub.Staff(kRami, "AGENT")).ok());
}

TEST_CASE("SendMessage is in the conversation with names for each side") {
  TestHub hub;
  Held held(hub);
  const std::string id = NewId();
  const auto sent =
      Agent{hub, kAmal}.Send(held.visitor.conversation, held.contact, 3, " Good morning, I am Amal. ", id);
  INFO(sent.status().ToString());
  REQUIRE(sent.ok());
  CHECK(sent->text() == "Good morning, I am Amal.");
  CHECK(sent->author_name() == "Amal Haddad");
  CHECK(sent->author_id() == kAmal);
  CHECK(sent->request_id() == id);
  CHECK(sent->delivery_state() == v1::DELIVERY_STATE_SENT);
  const auto seen = held.visitor.Messages().back();
  CHECK(seen.author_name() == "Amal");
  CHECK(seen.author_id().empty());
  CHECK(seen.contact_id().empty());
  CHECK(seen.request_id().empty());
}

TEST_CASE("No message to a visitor holds an id or a name of staff") {
  TestHub hub;
  Held held(hub);
  REQUIRE(Agent{hub, kAmal}.Send(held.visitor.conversation, held.contact, 3, "hello").ok());
  for (const auto& message : held.visitor.Messages()) {
    const std::string all = message.DebugString();
    CHECK(all.find(kAmal) == std::string::npos);
    CHECK(all.find("Haddad") == std::string::npos);
    CHECK(all.find(held.contact) == std::string::npos);
  }
}

TEST_CASE("SendMessage_Repeated_AnswersWithTheFirstResult") {
  TestHub hub;
  Held held(hub);
  Agent amal{hub, kAmal};
  const std::string id = NewId();
  const auto first = amal.Send(held.visitor.conversation, held.contact, 3, "once", id);
  const auto again = amal.Send(held.visitor.conversation, held.contact, 3, "once", id);
  REQUIRE(again.ok());
  CHECK(first->sequence() == again->sequence());
  CHECK(Reason(amal.Send(held.visitor.conversation, held.contact, 3, "twice", id)) == "REASON_ALREADY_EXISTS");
}

TEST_CASE("SendMessage_LowerEpoch_LostRace") {
  TestHub hub;
  Held held(hub);
  const auto refused = Agent{hub, kAmal}.Send(held.visitor.conversation, held.contact, 2, "x");
  CHECK(refused.status().code() == absl::StatusCode::kAborted);
  CHECK(Reason(refused) == "REASON_LOST_RACE");
  CHECK(hub.neighbours.owner_questions == 0);
}

TEST_CASE("SendMessage_HigherEpochThatTheLedgerKnows_IsAccepted") {
  TestHub hub;
  Held held(hub);
  auto& owner = hub.neighbours.owners[held.contact];
  owner.set_epoch(4);
  owner.set_owner_kind(v1::OWNER_KIND_AGENT);
  owner.set_agent_id(kRami);
  owner.set_queue("legal");
  const auto sent = Agent{hub, kRami}.Send(held.visitor.conversation, held.contact, 4, "I take over");
  INFO(sent.status().ToString());
  REQUIRE(sent.ok());
  // Rami joins before he speaks, and only once, whenever the hand-off lands.
  const auto messages = held.visitor.Messages();
  CHECK(messages[messages.size() - 2].event() == v1::CONVERSATION_EVENT_AGENT_JOINED);
  CHECK(messages[messages.size() - 2].author_name() == "Rami");
  REQUIRE(held.routing.Owner(held.contact, 4, kRami, "legal", true).ok());
  CHECK(held.visitor.Messages().size() == messages.size());
}

TEST_CASE("SendMessage_HigherEpochThatTheLedgerDoesNotKnow_LostRace") {
  TestHub hub;
  Held held(hub);
  Agent amal{hub, kAmal};
  // Routing has never heard of the contact.
  CHECK(Reason(amal.Send(held.visitor.conversation, held.contact, 9, "x")) == "REASON_LOST_RACE");
  auto& owner = hub.neighbours.owners[held.contact];
  owner.set_epoch(3);
  owner.set_owner_kind(v1::OWNER_KIND_AGENT);
  owner.set_agent_id(kAmal);
  CHECK(Reason(amal.Send(held.visitor.conversation, held.contact, 4, "x")) == "REASON_LOST_RACE");
  CHECK(hub.neighbours.owner_questions == 2);
}

TEST_CASE("SendMessage_SomebodyElseHasIt_Forbidden") {
  TestHub hub;
  Held held(hub);
  REQUIRE(held.routing.Owner(held.contact, 4, kRami, "legal", true).ok());
  const auto refused = Agent{hub, kAmal}.Send(held.visitor.conversation, held.contact, 4, "x");
  CHECK(refused.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(Reason(refused) == "REASON_FORBIDDEN");
}

TEST_CASE("SendMessage_NobodyHasItOrEnded_WrongState") {
  TestHub hub;
  Held held(hub);
  Agent amal{hub, kAmal};
  REQUIRE(held.routing.Owner(held.contact, 4, "", "legal", true).ok());
  CHECK(Reason(amal.Send(held.visitor.conversation, held.contact, 4, "x")) == "REASON_WRONG_STATE");
  REQUIRE(held.routing.Owner(held.contact, 5, kAmal).ok());
  REQUIRE(held.routing.Close(held.contact, 5, 2)->closed());
  CHECK(Reason(amal.Send(held.visitor.conversation, held.contact, 5, "x")) == "REASON_WRONG_STATE");
}

TEST_CASE("SendMessage_NotYours_NotFound") {
  TestHub hub;
  Held held(hub);
  auto other = Visitor::Start(hub);
  CHECK(Reason(Agent{hub, kRami}.Send(held.visitor.conversation, held.contact, 3, "x")) == "REASON_NOT_FOUND");
  // A contact of another conversation.
  CHECK(Reason(Agent{hub, kAmal}.Send(other.conversation, held.contact, 3, "x")) == "REASON_NOT_FOUND");
  CHECK(Reason(Agent{hub, kAmal}.Send(held.visitor.conversation, NewId(), 3, "x")) == "REASON_NOT_FOUND");
}

TEST_CASE("SendMessage_BadFields_AreAllNamed") {
  TestHub hub;
  const auto refused = Agent{hub, kAmal}.Send("a", "b", 0, "\x01", "c");
  CHECK(Reason(refused) == "REASON_INVALID_FIELD");
  CHECK(core::ViolationsOf(refused.status()).size() == 5);
}

TEST_CASE("An integrator speaks for the agent it names") {
  TestHub hub;
  Held held(hub);
  v1::SendMessageRequest request;
  request.set_conversation_id(held.visitor.conversation);
  request.set_contact_id(held.contact);
  request.set_epoch(3);
  request.set_text("by a program");
  request.set_request_id(NewId());
  const std::string method = std::string(kConversations) + "SendMessage";
  const std::string token = hub.Integrator({"conversations.write"});
  CHECK(Reason(hub.Call<v1::SendMessageResponse>(method, request, token)) == "REASON_INVALID_FIELD");
  request.set_agent_id(kAmal);
  CHECK(hub.Call<v1::SendMessageResponse>(method, request, token).ok());
  request.set_request_id(NewId());
  request.set_agent_id(kRami);
  CHECK(Reason(hub.Call<v1::SendMessageResponse>(method, request, token)) == "REASON_FORBIDDEN");
  // Staff speak for themselves.
  CHECK(Reason(hub.Call<v1::SendMessageResponse>(method, request, hub.Staff(kAmal, "AGENT"))) == "REASON_FORBIDDEN");
}

TEST_CASE("ListMessages pages both ways, notes included") {
  TestHub hub;
  Held held(hub);
  Agent amal{hub, kAmal};
  for (int i = 0; i < 5; ++i) REQUIRE(amal.Send(held.visitor.conversation, held.contact, 3, std::to_string(i)).ok());
  v1::AddNoteRequest note;
  note.set_conversation_id(held.visitor.conversation);
  note.set_text("call back tomorrow");
  note.set_request_id(NewId());
  const std::string token = hub.Staff(kAmal, "AGENT");
  REQUIRE(hub.Call<v1::AddNoteResponse>(std::string(kConversations) + "AddNote", note, token).ok());
  const std::string method = std::string(kConversations) + "ListMessages";
  v1::ListMessagesRequest request;
  request.set_conversation_id(held.visitor.conversation);
  const auto all = hub.Call<v1::ListMessagesResponse>(method, request, token);
  REQUIRE(all.ok());
  REQUIRE(all->messages_size() == 10);
  CHECK(all->messages(9).kind() == v1::MESSAGE_KIND_NOTE);
  CHECK_FALSE(all->has_more());
  request.set_page_size(3);
  request.set_before_sequence(10);
  const auto before = hub.Call<v1::ListMessagesResponse>(method, request, token);
  REQUIRE(before->messages_size() == 3);
  CHECK(before->messages(0).sequence() == 7);
  CHECK(before->messages(2).sequence() == 9);
  CHECK(before->has_more());
  request.set_before_sequence(0);
  request.set_after_sequence(8);
  CHECK(hub.Call<v1::ListMessagesResponse>(method, request, token)->messages_size() == 2);
  request.set_before_sequence(9);
  CHECK(Reason(hub.Call<v1::ListMessagesResponse>(method, request, token)) == "REASON_INVALID_FIELD");
  request.set_before_sequence(0);
  CHECK(Reason(hub.Call<v1::ListMessagesResponse>(method, request, hub.Staff(kRami, "AGENT"))) == "REASON_NOT_FOUND");
}

TEST_CASE("ListContacts pages newest first") {
  TestHub hub;
  Held held(hub);
  for (int i = 0; i < 4; ++i) {
    const std::string contact = held.visitor.Contact();
    const auto last = held.visitor.Post("again").sequence();
    if (contact != held.contact) REQUIRE(held.routing.Owner(contact, 2, kAmal).ok());
    REQUIRE(held.routing.Close(contact, 3, last)->closed());
    hub.manual_clock.Advance(absl::Seconds(1));
    held.visitor.Post("one more");
  }
  const std::string method = std::string(kConversations) + "ListContacts";
  const std::string token = hub.Staff(kAmal, "AGENT");
  v1::ListContactsRequest request;
  request.set_conversation_id(held.visitor.conversation);
  request.set_page_size(2);
  std::vector<std::string> ids;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = hub.Call<v1::ListContactsResponse>(method, request, token);
    INFO(page.status().ToString());
    REQUIRE(page.ok());
    for (const auto& contact : page->contacts()) ids.push_back(contact.id());
    request.set_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
  }
  REQUIRE(ids.size() == 5);
  CHECK(ids.back() == held.contact);
  CHECK(ids.front() == held.visitor.Contact());
  request.set_page_token("made up");
  CHECK(Reason(hub.Call<v1::ListContactsResponse>(method, request, token)) == "REASON_INVALID_FIELD");
  request.clear_page_token();
  CHECK(Reason(hub.Call<v1::ListContactsResponse>(method, request, hub.Staff(kRami, "AGENT"))) == "REASON_NOT_FOUND");
}

TEST_CASE("AddNote stays inside") {
  TestHub hub;
  Held held(hub);
  const std::string method = std::string(kConversations) + "AddNote";
  v1::AddNoteRequest request;
  request.set_conversation_id(held.visitor.conversation);
  request.set_text("ask the lawyer");
  request.set_request_id(NewId());
  const auto note = hub.Call<v1::AddNoteResponse>(method, request, hub.Staff(kLead, "SUPERVISOR", {"legal-team"}));
  REQUIRE(note.ok());
  CHECK(note->message().kind() == v1::MESSAGE_KIND_NOTE);
  CHECK(note->message().author_name() == "Lina Saab");
  const auto again = hub.Call<v1::AddNoteResponse>(method, request, hub.Staff(kLead, "SUPERVISOR", {"legal-team"}));
  CHECK(again->message().id() == note->message().id());
  for (const auto& message : held.visitor.Messages()) CHECK(message.text() != "ask the lawyer");
  CHECK(Reason(hub.Call<v1::AddNoteResponse>(method, request, hub.Staff(kRami, "AGENT"))) == "REASON_NOT_FOUND");
  request.set_text("");
  CHECK(Reason(hub.Call<v1::AddNoteResponse>(method, request, hub.Staff(kAmal, "AGENT"))) == "REASON_INVALID_FIELD");
  request.set_text("another text");
  CHECK(Reason(hub.Call<v1::AddNoteResponse>(method, request, hub.Staff(kLead, "SUPERVISOR", {"legal-team"}))) ==
        "REASON_ALREADY_EXISTS");
}

TEST_CASE("SaveDraft keeps the unsent reply until it is sent") {
  TestHub hub;
  Held held(hub);
  const std::string method = std::string(kConversations) + "SaveDraft";
  const std::string token = hub.Staff(kAmal, "AGENT");
  v1::SaveDraftRequest request;
  request.set_conversation_id(held.visitor.conversation);
  request.set_text("I will");
  REQUIRE(hub.Call<v1::SaveDraftResponse>(method, request, token).ok());
  request.set_text("I will ask");
  REQUIRE(hub.Call<v1::SaveDraftResponse>(method, request, token).ok());
  CHECK(Get(hub, held.visitor.conversation, token)->draft() == "I will ask");
  CHECK(Get(hub, held.visitor.conversation, hub.Staff(kLead, "SUPERVISOR", {"legal-team"}))->draft().empty());
  REQUIRE(Agent{hub, kAmal}.Send(held.visitor.conversation, held.contact, 3, "I will ask").ok());
  CHECK(Get(hub, held.visitor.conversation, token)->draft().empty());
  request.set_text("x");
  REQUIRE(hub.Call<v1::SaveDraftResponse>(method, request, token).ok());
  request.set_text("");
  REQUIRE(hub.Call<v1::SaveDraftResponse>(method, request, token).ok());
  CHECK(hub.Sql("SELECT count(*) FROM channels.draft") == "0");
  CHECK(Reason(hub.Call<v1::SaveDraftResponse>(method, request, hub.Staff(kRami, "AGENT"))) == "REASON_NOT_FOUND");
  request.set_text(std::string(10'001, 'x'));
  CHECK(Reason(hub.Call<v1::SaveDraftResponse>(method, request, token)) == "REASON_INVALID_FIELD");
}

}  // namespace
}  // namespace haven::channels::testing
