#include "haven/errors/v1/errors.pb.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

wire::ApplyFlowStepRequest FlowStep(const std::string& contact, std::int64_t sequence, const std::string& text = {}) {
  wire::ApplyFlowStepRequest step;
  step.mutable_handoff()->set_caller("ivr");
  step.mutable_handoff()->set_aggregate(contact);
  step.mutable_handoff()->set_sequence(sequence);
  step.mutable_handoff()->set_previous(sequence - 1);
  step.set_contact_id(contact);
  step.set_epoch(1);
  if (!text.empty()) step.add_says()->set_text(text);
  return step;
}

absl::Status Apply(TestHub& hub, const wire::ApplyFlowStepRequest& step) {
  return hub.Call<wire::ApplyFlowStepResponse>(std::string(kContacts) + "ApplyFlowStep", step, hub.ServiceToken("ivr"))
      .status();
}

TEST_CASE("ApplyFlowStep says, and sets language and subject") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  auto step = FlowStep(visitor.Contact(), 1, "Welcome.");
  step.add_says()->set_text("In which language?");
  step.set_language("ar");
  step.set_subject("legal");
  REQUIRE(Apply(hub, step).ok());
  const auto messages = visitor.Messages();
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].author_kind() == v1::AUTHOR_KIND_FLOW);
  CHECK(messages[1].delivery_state() == v1::DELIVERY_STATE_SENT);
  CHECK(messages[2].text() == "In which language?");
  CHECK(hub.Sql("SELECT language || ' ' || subject FROM channels.contact") == "ar legal");
  CHECK(hub.Sql("SELECT language FROM channels.person") == "ar");
}

TEST_CASE("ApplyFlowStep_Duplicate_IsDoneOnce") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const auto step = FlowStep(visitor.Contact(), 1, "Welcome.");
  for (int i = 0; i < 3; ++i) REQUIRE(Apply(hub, step).ok());
  CHECK(visitor.Messages().size() == 2);
}

TEST_CASE("ApplyFlowStep_Gap_SequenceGap") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const auto early = Apply(hub, FlowStep(visitor.Contact(), 2, "second"));
  CHECK(early.code() == absl::StatusCode::kAborted);
  CHECK(Reason(early) == "REASON_SEQUENCE_GAP");
  REQUIRE(Apply(hub, FlowStep(visitor.Contact(), 1, "first")).ok());
  REQUIRE(Apply(hub, FlowStep(visitor.Contact(), 2, "second")).ok());
  // A late repeat of the first.
  REQUIRE(Apply(hub, FlowStep(visitor.Contact(), 1, "first")).ok());
  const auto messages = visitor.Messages();
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].text() == "first");
  CHECK(messages[2].text() == "second");
}

TEST_CASE("ApplyFlowStep after one that was refused for good names the hole") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  auto step = FlowStep(visitor.Contact(), 2, "second");
  step.mutable_handoff()->set_previous(0);
  REQUIRE(Apply(hub, step).ok());
}

TEST_CASE("ApplyFlowStep_LowerEpoch_WrongState") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  REQUIRE(routing.Owner(visitor.Contact(), 2, "").ok());
  const auto refused = Apply(hub, FlowStep(visitor.Contact(), 1, "too late"));
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Reason(refused) == "REASON_WRONG_STATE");
  CHECK(visitor.Messages().size() == 2);
}

TEST_CASE("ApplyFlowStep ends a contact only if the flow has stepped its last message") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  const auto sequence = visitor.Post("thanks, that is all").sequence();
  auto step = FlowStep(contact, 1, "Goodbye.");
  step.set_end(true);
  step.set_handled_through(sequence - 1);
  REQUIRE(Apply(hub, step).ok());
  CHECK(visitor.Contact() == contact);
  auto last = FlowStep(contact, 2);
  last.set_end(true);
  last.set_handled_through(sequence);
  REQUIRE(Apply(hub, last).ok());
  CHECK(visitor.Contact().empty());
  CHECK(hub.Sql("SELECT end_reason FROM channels.contact") == std::to_string(v1::END_REASON_FLOW_ENDED));
  // For a contact that has ended there is nothing left to do.
  CHECK(Apply(hub, FlowStep(contact, 3, "hello?")).ok());
}

TEST_CASE("ApplyFlowStep_UnknownContact_NotFound") {
  TestHub hub;
  CHECK(Reason(Apply(hub, FlowStep(NewId(), 1, "x"))) == "REASON_NOT_FOUND");
  CHECK(Reason(Apply(hub, FlowStep("no-uuid", 0, "x"))) == "REASON_INVALID_FIELD");
}

TEST_CASE("Hand-offs are for services alone") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const auto step = FlowStep(visitor.Contact(), 1, "x");
  for (const auto& token :
       {std::string(), visitor.token, hub.Staff(kAmal, "AGENT"), hub.Integrator({"conversations.write"})}) {
    const auto refused = hub.Call<wire::ApplyFlowStepResponse>(std::string(kContacts) + "ApplyFlowStep", step, token);
    CHECK((Reason(refused) == "REASON_FORBIDDEN" || Reason(refused) == "REASON_UNAUTHENTICATED"));
  }
}

// A hub that starts while PostgreSQL is away serves before it knows who works in it.
TEST_CASE("ApplyOwner_BeforeTheFirstConfiguration_WaitsInsteadOfJoiningWithoutAName") {
  TestHub hub({.real_flow = false, .flags = {}, .configured = false});
  RoutingCaller routing(hub);
  CHECK(routing.Owner(NewId(), 3, kAmal).code() == absl::StatusCode::kUnavailable);
  v1::SendMessageRequest reply;
  reply.set_conversation_id(NewId());
  reply.set_contact_id(NewId());
  reply.set_epoch(3);
  reply.set_text("Hello");
  reply.set_request_id(NewId());
  const auto said =
      hub.Call<v1::SendMessageResponse>(std::string(kConversations) + "SendMessage", reply, hub.Staff(kAmal, "AGENT"));
  CHECK(said.status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("ApplyOwner shows who has the contact, and ignores what is older") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, "").ok());
  REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  REQUIRE(routing.Owner(contact, 2, "").ok());  // older: answered OK, ignored
  REQUIRE(routing.Owner(contact, 4, "", "legal", true).ok());
  std::vector<int> events;
  for (const auto& message : visitor.Messages()) events.push_back(message.event());
  CHECK(events == std::vector<int>{v1::CONVERSATION_EVENT_STARTED, v1::CONVERSATION_EVENT_QUEUED,
                                   v1::CONVERSATION_EVENT_AGENT_JOINED, v1::CONVERSATION_EVENT_TRANSFERRED});
  CHECK(visitor.Messages()[2].author_name() == "Amal");
  CHECK(hub.Sql("SELECT epoch || ' ' || owner || ' ' || queue FROM channels.contact") == "4 2 legal");
  wire::ApplyOwnerRequest bad;
  CHECK(Reason(hub.Call<wire::ApplyOwnerResponse>(std::string(kContacts) + "ApplyOwner", bad, routing.Token())) ==
        "REASON_INVALID_FIELD");
}

TEST_CASE("CloseContact ends what has been seen") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  const auto sequence = visitor.Post("hello").sequence();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  const auto closed = routing.Close(contact, 2, sequence);
  REQUIRE(closed.ok());
  CHECK(closed->closed());
  CHECK(visitor.Messages().back().event() == v1::CONVERSATION_EVENT_ENDED);
  CHECK(hub.Sql("SELECT end_reason || ' ' || handled_through FROM channels.contact") ==
        "1 " + std::to_string(sequence));
  CHECK(hub.Sql("SELECT last_agent_id FROM channels.conversation") == kAmal);
}

TEST_CASE("CloseContact_NewerMessage_StaysOpen") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  const auto seen = visitor.Post("hello").sequence();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  const auto newer = visitor.Post("wait").sequence();
  const auto request = routing.Closing(contact, 2, seen);
  const std::string method = std::string(kContacts) + "CloseContact";
  const auto held = hub.Call<wire::CloseContactResponse>(method, request, routing.Token());
  REQUIRE(held.ok());
  CHECK_FALSE(held->closed());
  CHECK(held->newest_sequence() == newer);
  CHECK(visitor.Contact() == contact);
  // The repeat has the first answer, whatever has come since.
  visitor.Post("are you there?");
  const auto again = hub.Call<wire::CloseContactResponse>(method, request, routing.Token());
  REQUIRE(again.ok());
  CHECK_FALSE(again->closed());
  CHECK(again->newest_sequence() == newer);
  // Back with the agent, who was never away.
  const auto events = visitor.Messages().size();
  REQUIRE(routing.Owner(contact, 3, kAmal, "legal", true).ok());
  CHECK(visitor.Messages().size() == events);
}

TEST_CASE("CloseContact by a reason without reader closes whatever has come") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  visitor.Post("abuse");
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  CHECK(routing.Close(contact, 2, 0, kAmal, v1::END_REASON_BLOCKED)->closed());
  CHECK(hub.Sql("SELECT last_agent_id FROM channels.conversation").empty());
}

TEST_CASE("CloseContact_LowerEpoch_WrongState") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  CHECK(Reason(routing.Close(contact, 2, 100)) == "REASON_WRONG_STATE");
  CHECK(Reason(routing.Close(NewId(), 2, 100)) == "REASON_NOT_FOUND");
  CHECK(Reason(routing.Close(contact, 3, 100, kAmal, v1::END_REASON_UNSPECIFIED)) == "REASON_INVALID_FIELD");
}

TEST_CASE("CloseContact of an ended contact is answered closed") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  REQUIRE(routing.Close(contact, 2, 100)->closed());
  CHECK(routing.Close(contact, 2, 100)->closed());
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE event = 5") == "1");
}

TEST_CASE("RecordWrapUp keeps outcome and note on the contact") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  REQUIRE(routing.Close(contact, 2, 100)->closed());
  wire::RecordWrapUpRequest request;
  routing.Fill(contact, request.mutable_handoff());
  request.set_contact_id(contact);
  request.set_agent_id(kAmal);
  request.set_disposition("solved");
  request.set_note("sent to the lawyer");
  const std::string method = std::string(kContacts) + "RecordWrapUp";
  for (int i = 0; i < 2; ++i) REQUIRE(hub.Call<wire::RecordWrapUpResponse>(method, request, routing.Token()).ok());
  CHECK(hub.Sql("SELECT disposition FROM channels.contact") == "solved");
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE kind = 2 AND contact_id = '" + contact + "'") == "1");
  request.mutable_handoff()->set_sequence(99);
  request.mutable_handoff()->set_previous(98);
  CHECK(Reason(hub.Call<wire::RecordWrapUpResponse>(method, request, routing.Token())) == "REASON_SEQUENCE_GAP");
  request.set_note("\x01");
  CHECK(Reason(hub.Call<wire::RecordWrapUpResponse>(method, request, routing.Token())) == "REASON_INVALID_FIELD");
}

TEST_CASE("DescribeContacts tells what an offer needs") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto one = Visitor::Start(hub);
  auto two = Visitor::Start(hub, "ar");
  one.Post("first");
  one.Post("second");
  REQUIRE(routing.Owner(one.Contact(), 2, kAmal).ok());
  v1::AddNoteRequest note;
  note.set_conversation_id(one.conversation);
  note.set_text("private");
  note.set_request_id(NewId());
  REQUIRE(hub.Call<v1::AddNoteResponse>(std::string(kConversations) + "AddNote", note, hub.Staff(kAmal, "AGENT")).ok());
  v1::SaveDraftRequest draft;
  draft.set_conversation_id(one.conversation);
  draft.set_text("dear");
  REQUIRE(hub.Call<v1::SaveDraftResponse>(std::string(kConversations) + "SaveDraft", draft, hub.Staff(kAmal, "AGENT"))
              .ok());

  wire::DescribeContactsRequest request;
  request.add_contact_ids(two.Contact());
  request.add_contact_ids(NewId());
  request.add_contact_ids(one.Contact());
  request.set_recent_messages(2);
  const std::string method = std::string(kContacts) + "DescribeContacts";
  const auto told = hub.Call<wire::DescribeContactsResponse>(method, request, hub.ServiceToken("desk"));
  INFO(told.status().ToString());
  REQUIRE(told.ok());
  REQUIRE(told->contacts_size() == 2);
  CHECK(told->contacts(0).contact().language() == "ar");
  const auto& summary = told->contacts(1);
  CHECK(summary.contact().owner_id() == kAmal);
  CHECK(summary.draft().empty());
  CHECK(summary.last_sequence() == 5);
  REQUIRE(summary.recent_messages_size() == 2);
  CHECK(summary.recent_messages(0).text() == "second");
  CHECK(summary.recent_messages(1).event() == v1::CONVERSATION_EVENT_AGENT_JOINED);

  request.set_draft_user_id(kAmal);
  const auto own = hub.Call<wire::DescribeContactsResponse>(method, request, hub.ServiceToken("desk"));
  CHECK(own->contacts(1).draft() == "dear");
  CHECK(own->contacts(1).recent_messages(1).text() == "private");
  request.set_recent_messages(51);
  CHECK(Reason(hub.Call<wire::DescribeContactsResponse>(method, request, hub.ServiceToken("desk"))) ==
        "REASON_INVALID_FIELD");
}

TEST_CASE("ReadMessages reads several conversations in order") {
  TestHub hub;
  auto one = Visitor::Start(hub);
  auto two = Visitor::Start(hub);
  for (int i = 0; i < 3; ++i) {
    one.Post("one");
    two.Post("two");
  }
  wire::ReadMessagesRequest request;
  auto* position = request.add_positions();
  position->set_conversation_id(one.conversation);
  position->set_after_sequence(2);
  request.add_positions()->set_conversation_id(two.conversation);
  const std::string method = std::string(kContacts) + "ReadMessages";
  const auto read = hub.Call<wire::ReadMessagesResponse>(method, request, hub.ServiceToken("desk"));
  REQUIRE(read.ok());
  CHECK(read->messages_size() == 2 + 4);
  std::map<std::string, std::int64_t> last;
  for (const auto& message : read->messages()) {
    CHECK(message.sequence() > last[message.conversation_id()]);
    last[message.conversation_id()] = message.sequence();
  }
  request.set_limit(1);
  CHECK(hub.Call<wire::ReadMessagesResponse>(method, request, hub.ServiceToken("desk"))->messages_size() == 2);
  request.set_limit(-1);
  CHECK(Reason(hub.Call<wire::ReadMessagesResponse>(method, request, hub.ServiceToken("desk"))) ==
        "REASON_INVALID_FIELD");
}

TEST_CASE("ResolveVisitor knows tokens that stand") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const std::string method = std::string(kContacts) + "ResolveVisitor";
  wire::ResolveVisitorRequest request;
  request.set_visitor_token(visitor.token);
  const auto known = hub.Call<wire::ResolveVisitorResponse>(method, request, hub.ServiceToken("directory"));
  REQUIRE(known.ok());
  CHECK(known->conversation_id() == visitor.conversation);
  CHECK(known->person_id() == hub.Sql("SELECT id FROM channels.person"));
  for (const std::string bad : {"", "hvv_x", "v4.public.x"}) {
    request.set_visitor_token(bad);
    CHECK(Reason(hub.Call<wire::ResolveVisitorResponse>(method, request, hub.ServiceToken("directory"))) ==
          "REASON_NOT_FOUND");
  }
  request.set_visitor_token(visitor.token);
  hub.manual_clock.Advance(absl::Hours(24 * 31));
  CHECK(Reason(hub.Call<wire::ResolveVisitorResponse>(method, request, hub.ServiceToken("directory"))) ==
        "REASON_NOT_FOUND");
}

TEST_CASE("A step that ivr refuses for good leads the contact to the default queue") {
  TestHub hub;
  hub.OnLoop([&] {
    hub.neighbours.step_status =
        core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE, "no such flow");
  });
  auto visitor = Visitor::Start(hub, "ar");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
  const auto& enqueued = hub.neighbours.enqueued[0];
  CHECK(enqueued.contact_id() == visitor.Contact());
  CHECK(enqueued.queue() == "general");
  CHECK(enqueued.epoch() == 1);
  CHECK(enqueued.language() == "ar");
  CHECK(enqueued.has_enqueue_time());
  CHECK(hub.metrics().Exposition().find("haven_channels_fallbacks_total{kind=\"ivr.step\"} 1") != std::string::npos);
}

TEST_CASE("A step that fails three times by a mistake of ivr takes the fall-back too") {
  TestHub hub;
  hub.OnLoop([&] {
    hub.neighbours.step_status = core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "bug");
  });
  auto visitor = Visitor::Start(hub);
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
}

TEST_CASE("A step waits for an ivr that is away, and keeps its order") {
  TestHub hub;
  hub.OnLoop([&] {
    hub.neighbours.step_status =
        core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "starting");
  });
  auto visitor = Visitor::Start(hub);
  for (int i = 0; i < 3; ++i) visitor.Post(std::to_string(i));
  hub.OnLoop([&] { hub.neighbours.step_status = absl::OkStatus(); });
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 4; }));
  for (int i = 0; i < 4; ++i) {
    CHECK(hub.neighbours.steps[static_cast<std::size_t>(i)].message_sequence() == i + 1);
    CHECK(hub.neighbours.steps[static_cast<std::size_t>(i)].handoff().sequence() == i + 1);
  }
  CHECK(hub.neighbours.enqueued.empty());
}

}  // namespace
}  // namespace haven::channels::testing
