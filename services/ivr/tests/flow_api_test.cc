// The flow service with the real channels around it: what the person writes and is told, in order, exactly once.
#include "haven/errors/v1/errors.pb.h"
#include "services/channels/tests/client.h"
#include "services/ivr/domain/texts.h"

namespace haven::ivr {
namespace {

using channels::testing::HubOptions;
using channels::testing::kAmal;
using channels::testing::NewId;
using channels::testing::Reason;
using channels::testing::RoutingCaller;
using channels::testing::TestHub;
using channels::testing::Visitor;
namespace chat = ::haven::channels::v1;
namespace wire = ::haven::internal::ivr::v1;

constexpr char kStep[] = "haven.internal.ivr.v1.FlowService/Step";

HubOptions WithFlow() {
  return {true, {}};
}

// Sunday noon in Beirut is closed, Monday noon is open.
const absl::Time kMonday = absl::FromCivil(absl::CivilHour(2026, 11, 23, 12), absl::FixedTimeZone(2 * 3600));

std::vector<std::string> Flow(Visitor& visitor) {
  std::vector<std::string> texts;
  for (const auto& message : visitor.Messages()) {
    if (message.author_kind() == chat::AUTHOR_KIND_FLOW) texts.push_back(message.text());
  }
  return texts;
}

bool Says(TestHub& hub, Visitor& visitor, std::size_t count) {
  for (int i = 0; i < 2000; ++i) {
    if (Flow(visitor).size() >= count) return true;
    hub.Run(async::Sleep(std::chrono::milliseconds(5)));
  }
  return false;
}

wire::StepRequest StepFor(const std::string& contact, std::int64_t sequence, std::int64_t message,
                          const std::string& text = {}) {
  wire::StepRequest request;
  request.mutable_handoff()->set_caller("test");
  request.mutable_handoff()->set_aggregate(contact);
  request.mutable_handoff()->set_sequence(sequence);
  request.mutable_handoff()->set_previous(sequence - 1);
  request.set_contact_id(contact);
  request.set_conversation_id(NewId());
  request.set_epoch(1);
  request.set_channel(chat::CHANNEL_WEBCHAT);
  request.set_channel_key("web");
  request.set_message_sequence(message);
  request.set_start(message == 1);
  request.set_text(text);
  request.set_page_language("en");
  return request;
}

absl::Status Step(TestHub& hub, const wire::StepRequest& request) {
  return hub.Call<wire::StepResponse>(kStep, request, hub.ServiceToken("channels")).status();
}

TEST_CASE("A first contact from greeting to queue, in Arabic") {
  TestHub hub(WithFlow());
  hub.manual_clock.Set(kMonday);
  auto visitor = Visitor::Start(hub, "ar");
  REQUIRE(Says(hub, visitor, 2));
  CHECK(Flow(visitor)[0] == Text("welcome", {"ar"}, {{"hub", "Haven Lebanon"}}));
  const auto offered = visitor.Messages().back().choices();
  REQUIRE(offered.size() == 3);
  CHECK(offered[0].title() == "العربية");
  REQUIRE(visitor.TryPost("", NewId(), "ar").ok());
  REQUIRE(Says(hub, visitor, 3));
  CHECK(Flow(visitor)[2] == Text("ask_subject", {"ar"}));
  REQUIRE(visitor.TryPost("", NewId(), "legal").ok());
  REQUIRE(Says(hub, visitor, 4));
  // "You are in line" was said before the queue owns the contact.
  CHECK(Flow(visitor)[3] == Text("queued_tell", {"ar"}));
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
  const auto& enqueued = hub.neighbours.enqueued[0];
  CHECK(enqueued.queue() == "legal");
  CHECK(enqueued.language() == "ar");
  CHECK(enqueued.epoch() == 1);
  CHECK(enqueued.handoff().caller() == "ivr");
  CHECK(enqueued.enqueue_time().seconds() == absl::ToUnixSeconds(kMonday));
  CHECK(hub.Sql("SELECT language || ' ' || subject FROM channels.contact") == "ar legal");
  CHECK(hub.Sql("SELECT state FROM ivr.session") == "2");
}

TEST_CASE("Outside the hours the flow says when it opens and enqueues all the same") {
  TestHub hub(WithFlow());
  hub.manual_clock.Set(kMonday - absl::Hours(24));
  auto visitor = Visitor::Start(hub, "en");
  REQUIRE(Says(hub, visitor, 2));
  visitor.Post("English");
  REQUIRE(Says(hub, visitor, 3));
  visitor.Post("1");
  REQUIRE(Says(hub, visitor, 5));
  CHECK(Flow(visitor)[3].find("will be back tomorrow at 08:00") != std::string::npos);
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
}

TEST_CASE("Messages after the hand-over are left to people") {
  TestHub hub(WithFlow());
  auto visitor = Visitor::Start(hub, "en");
  visitor.Post("help");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
  const auto said = Flow(visitor).size();
  // Routing has not told channels yet: the flow is still the owner there, and is stepped.
  visitor.Post("are you there?");
  visitor.Post("hello?");
  REQUIRE(hub.Eventually([&] { return hub.Sql("SELECT count(*) FROM channels.outbox") == "0"; }));
  CHECK(Flow(visitor).size() == said);
  CHECK(hub.neighbours.enqueued.size() == 1);
}

TEST_CASE("Who comes back soon goes to the queue of the last subject, preferring the agent who helped") {
  TestHub hub(WithFlow());
  hub.manual_clock.Set(kMonday);
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub, "en");
  REQUIRE(Says(hub, visitor, 2));
  visitor.Post("English");
  REQUIRE(Says(hub, visitor, 3));
  visitor.Post("legal advice");
  REQUIRE(Says(hub, visitor, 4));
  visitor.Post("my landlord");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, "").ok());
  REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  REQUIRE(routing.Close(contact, 3, 100)->closed());
  visitor.Post("one more question");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 2; }));
  CHECK(hub.neighbours.enqueued[1].queue() == "legal");
  CHECK(hub.neighbours.enqueued[1].preferred_agent_id() == kAmal);
  const auto texts = Flow(visitor);
  CHECK(texts[texts.size() - 2] == Text("welcome_back", {"en"}));
}

TEST_CASE("Step_Duplicate_DecidesOnce") {
  TestHub hub(WithFlow());
  const std::string contact = NewId();
  const auto request = StepFor(contact, 1, 1);
  for (int i = 0; i < 3; ++i) REQUIRE(Step(hub, request).ok());
  CHECK(hub.Sql("SELECT version FROM ivr.session") == "1");
  // The same message under a later hand-off (channels took a fall-back and tried again) is no second answer.
  auto again = StepFor(contact, 2, 1);
  again.set_conversation_id(request.conversation_id());
  REQUIRE(Step(hub, again).ok());
  CHECK(hub.Sql("SELECT version FROM ivr.session") == "1");
}

TEST_CASE("Step_Gap_SequenceGap") {
  TestHub hub(WithFlow());
  const std::string contact = NewId();
  const auto early = Step(hub, StepFor(contact, 2, 2, "second"));
  CHECK(early.code() == absl::StatusCode::kAborted);
  CHECK(Reason(early) == "REASON_SEQUENCE_GAP");
  CHECK(hub.Sql("SELECT count(*) FROM ivr.session") == "0");
  REQUIRE(Step(hub, StepFor(contact, 1, 1)).ok());
  REQUIRE(Step(hub, StepFor(contact, 2, 2, "second")).ok());
  CHECK(hub.Sql("SELECT last_sequence FROM ivr.session") == "2");
}

TEST_CASE("Step_BadFields_AreAllNamed") {
  TestHub hub(WithFlow());
  const auto refused = Step(hub, wire::StepRequest());
  CHECK(Reason(refused) == "REASON_INVALID_FIELD");
  CHECK(core::ViolationsOf(refused).size() == 7);
}

TEST_CASE("Step_NotAService_Forbidden") {
  TestHub hub(WithFlow());
  CHECK(Reason(hub.Call<wire::StepResponse>(kStep, StepFor(NewId(), 1, 1), hub.Staff(kAmal, "AGENT"))) ==
        "REASON_FORBIDDEN");
}

TEST_CASE("A session of a flow that is gone hands over with an apology") {
  TestHub hub(WithFlow());
  auto visitor = Visitor::Start(hub, "en");
  REQUIRE(Says(hub, visitor, 2));
  hub.Sql("UPDATE ivr.session SET flow = 'gone', node = 'nowhere'");
  visitor.Post("hello");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
  CHECK(hub.neighbours.enqueued[0].queue() == "general");
  CHECK(Flow(visitor).back() == Text("failed", {"en"}));
  CHECK(hub.metrics().Exposition().find("haven_ivr_steps_total{outcome=\"failed\"} 1") != std::string::npos);
}

TEST_CASE("An ended session of an open contact begins again with the message") {
  TestHub hub(WithFlow());
  auto visitor = Visitor::Start(hub, "en");
  REQUIRE(Says(hub, visitor, 2));
  hub.Sql("UPDATE ivr.session SET state = 3, node = ''");
  visitor.Post("hello again");
  REQUIRE(Says(hub, visitor, 4));
  CHECK(hub.Sql("SELECT state FROM ivr.session") == "1");
}

TEST_CASE("An enqueueing waits for routing for ever, in order behind what was said") {
  TestHub hub(WithFlow());
  hub.OnLoop([&] {
    hub.neighbours.enqueue_status =
        core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "starting");
  });
  auto visitor = Visitor::Start(hub, "en");
  visitor.Post("help");
  REQUIRE(Says(hub, visitor, 3));
  CHECK(hub.Sql("SELECT kind FROM ivr.outbox") == "routing.enqueue");
  hub.OnLoop([&] { hub.neighbours.enqueue_status = absl::OkStatus(); });
  REQUIRE(hub.Eventually([&] { return hub.neighbours.enqueued.size() == 1; }));
}

TEST_CASE("Nothing that a person wrote is kept by ivr") {
  TestHub hub(WithFlow());
  auto visitor = Visitor::Start(hub, "en");
  REQUIRE(Says(hub, visitor, 2));
  visitor.Post("Zaynab lives at the third house on the left");
  REQUIRE(Says(hub, visitor, 4));
  CHECK(hub.Sql("SELECT count(*) FROM ivr.session s WHERE s::text LIKE '%Zaynab%'") == "0");
  CHECK(hub.Sql("SELECT variable_values::text FROM ivr.session").find("Zaynab") == std::string::npos);
}

}  // namespace
}  // namespace haven::ivr
