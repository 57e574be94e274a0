#include "libs/async/task_group.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

const std::string kStart = std::string(kWebchat) + "StartChat";

absl::StatusOr<v1::StartChatResponse> StartWith(TestHub& hub, const std::string& request_id,
                                                const std::string& source = "s", const std::string& channel = {},
                                                const std::string& language = "en") {
  v1::StartChatRequest request;
  request.set_request_id(request_id);
  request.set_channel_key(channel);
  request.set_language(language);
  return hub.Call<v1::StartChatResponse>(kStart, request, {}, source);
}

TEST_CASE("GetChatSettings tells names, languages and hours") {
  TestHub hub;
  const std::string method = std::string(kWebchat) + "GetChatSettings";
  // Sunday noon in Beirut.
  hub.manual_clock.Set(absl::FromCivil(absl::CivilHour(2026, 11, 22, 12), absl::FixedTimeZone(2 * 3600)));
  const auto settings = hub.Call<v1::GetChatSettingsResponse>(method, v1::GetChatSettingsRequest());
  INFO(settings.status().ToString());
  REQUIRE(settings.ok());
  CHECK(settings->hub_name() == "Haven Lebanon");
  REQUIRE(settings->languages_size() == 3);
  CHECK(settings->languages(0).name() == "العربية");
  CHECK(settings->languages(0).right_to_left());
  CHECK(settings->languages(1).privacy() == "Only our team reads this.");
  CHECK_FALSE(settings->open());
  // Monday at eight.
  CHECK(settings->opens_time().seconds() ==
        absl::ToUnixSeconds(absl::FromCivil(absl::CivilHour(2026, 11, 23, 8), absl::FixedTimeZone(2 * 3600))));
  CHECK(settings->quick_exit_url() == "https://www.example.org/weather");

  v1::GetChatSettingsRequest other;
  other.set_channel_key("no-such-channel");
  CHECK(Reason(hub.Call<v1::GetChatSettingsResponse>(method, other)) == "REASON_NOT_FOUND");
}

TEST_CASE("StartChat opens a conversation with a contact in the flow") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  CHECK(visitor.token.size() == 47);
  CHECK(visitor.token.substr(0, 4) == "hvv_");
  CHECK(hub.Sql("SELECT owner || ' ' || epoch || ' ' || language FROM channels.contact") == "1 1 en");
  const auto messages = visitor.Messages();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].event() == v1::CONVERSATION_EVENT_STARTED);
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 1; }));
  const auto& step = hub.neighbours.steps[0];
  CHECK(step.start());
  CHECK(step.message_sequence() == 1);
  CHECK(step.page_language() == "en");
  CHECK(step.language().empty());
  CHECK_FALSE(step.returning());
  CHECK(step.channel_key() == "web");
  CHECK(step.handoff().caller() == "channels");
  CHECK(step.handoff().sequence() == 1);
}

TEST_CASE("StartChat_Repeated_AnswersWithTheSameChatUntilItIsUsed") {
  TestHub hub;
  const std::string id = NewId();
  const auto first = StartWith(hub, id);
  const auto again = StartWith(hub, id);
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(first->visitor_token() == again->visitor_token());
  CHECK(first->conversation_id() == again->conversation_id());
  CHECK(hub.Sql("SELECT count(*) FROM channels.conversation") == "1");
  Visitor visitor{hub, first->visitor_token(), first->conversation_id()};
  visitor.Post("hello");
  const auto late = StartWith(hub, id);
  CHECK(late.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Reason(late) == "REASON_WRONG_STATE");
  CHECK(hub.Sql("SELECT count(*) FROM channels.visitor WHERE nonce IS NOT NULL") == "0");
}

TEST_CASE("StartChat_SameRequestTwiceAtOnce_OpensOneChat") {
  TestHub hub;
  struct Both {
    static async::Task<absl::StatusOr<v1::StartChatResponse>> One(TestHub* hub, v1::StartChatRequest request) {
      rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
      co_return co_await hub->channel().Call<v1::StartChatRequest, v1::StartChatResponse>(kStart, request,
                                                                                          std::move(options));
    }
    static async::Task<void> Into(TestHub* hub, v1::StartChatRequest request, std::vector<std::string>* tokens) {
      auto chat = co_await One(hub, std::move(request));
      tokens->push_back(chat.ok() ? chat->visitor_token() : chat.status().ToString());
    }
  };
  v1::StartChatRequest request;
  request.set_request_id(NewId());
  std::vector<std::string> tokens;
  async::TaskGroup group(hub.loop(), "test");
  for (int i = 0; i < 5; ++i) group.Spawn(Both::Into(&hub, request, &tokens));
  REQUIRE(hub.Eventually([&] { return tokens.size() == 5; }));
  for (const auto& token : tokens) CHECK(token == tokens[0]);
  CHECK(hub.Sql("SELECT count(*) FROM channels.conversation") == "1");
}

TEST_CASE("StartChat_BadFields_AreAllNamed") {
  TestHub hub;
  const auto refused = StartWith(hub, "not-a-uuid", "s", "", "<script>");
  CHECK(Reason(refused) == "REASON_INVALID_FIELD");
  const auto violations = core::ViolationsOf(refused.status());
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].field == "requestId");
  CHECK(violations[1].field == "language");
  CHECK(hub.Sql("SELECT count(*) FROM channels.conversation") == "0");
}

TEST_CASE("StartChat_UnknownChannel_NotFound") {
  TestHub hub;
  CHECK(Reason(StartWith(hub, NewId(), "s", "nowhere")) == "REASON_NOT_FOUND");
}

TEST_CASE("StartChat_TooManyFromOneAddress_RateLimited") {
  TestHub hub({.flags = {"--channels.starts-per-source=3", "--channels.starts-period-seconds=60"}});
  for (int i = 0; i < 3; ++i) CHECK(StartWith(hub, NewId(), "edge-hash-1").ok());
  const auto refused = StartWith(hub, NewId(), "edge-hash-1");
  CHECK(refused.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(Reason(refused) == "REASON_RATE_LIMITED");
  REQUIRE(core::RetryAfterOf(refused.status()));
  CHECK(*core::RetryAfterOf(refused.status()) == std::chrono::seconds(20));
  CHECK(StartWith(hub, NewId(), "edge-hash-2").ok());
  hub.manual_clock.Advance(absl::Seconds(20));
  // Redis counts too, on its own clock, for all processes of the hub.
  CHECK(Reason(StartWith(hub, NewId(), "edge-hash-1")) == "REASON_RATE_LIMITED");
  // What Redis refused has counted in memory: a flood over all processes asks Redis no oftener than the limit.
  hub.redis_server.Cli({"FLUSHALL"});
  CHECK(Reason(StartWith(hub, NewId(), "edge-hash-1")) == "REASON_RATE_LIMITED");
  hub.manual_clock.Advance(absl::Seconds(20));
  CHECK(StartWith(hub, NewId(), "edge-hash-1").ok());
}

TEST_CASE("StartChat_RedisAway_TheLimitInMemoryHolds") {
  TestHub hub({.flags = {"--channels.starts-per-source=2"}});
  hub.redis_server.Stop();
  CHECK(StartWith(hub, NewId(), "x").ok());
  CHECK(StartWith(hub, NewId(), "x").ok());
  CHECK(Reason(StartWith(hub, NewId(), "x")) == "REASON_RATE_LIMITED");
}

TEST_CASE("StartChat_TooManyOnTheHub_Overloaded") {
  TestHub hub({.flags = {"--channels.starts-per-second=1"}});
  for (int i = 0; i < 5; ++i) CHECK(StartWith(hub, NewId(), NewId()).ok());
  CHECK(Reason(StartWith(hub, NewId(), NewId())) == "REASON_OVERLOADED");
}

TEST_CASE("StartChat: ten thousand starts from one address harm nobody else") {
  TestHub hub;
  struct Flood {
    static async::Task<void> Run(TestHub* hub, int count, std::map<std::string, int>* outcomes) {
      for (int i = 0; i < count; ++i) {
        v1::StartChatRequest request;
        request.set_request_id(NewId());
        rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
        options.metadata.emplace_back("haven-source", "flood");
        auto chat = co_await hub->channel().Call<v1::StartChatRequest, v1::StartChatResponse>(kStart, request,
                                                                                              std::move(options));
        ++(*outcomes)[chat.ok() ? "OK" : Reason(chat.status())];
        ++(*outcomes)["all"];
      }
    }
  };
  std::map<std::string, int> outcomes;
  async::TaskGroup group(hub.loop(), "flood");
  for (int i = 0; i < 50; ++i) group.Spawn(Flood::Run(&hub, 200, &outcomes));
  // Others start while it goes on.
  CHECK(StartWith(hub, NewId(), "quiet").ok());
  REQUIRE(hub.Eventually([&] { return outcomes["all"] == 10'000; }));
  CHECK(outcomes["OK"] == 10);
  CHECK(outcomes["REASON_RATE_LIMITED"] == 9'990);
  CHECK(StartWith(hub, NewId(), "another").ok());
  CHECK(hub.Sql("SELECT count(*) FROM channels.conversation") == "12");
}

TEST_CASE("PostMessage keeps a message and opens the next contact when none is open") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const auto first = visitor.Post("  we need a tent ");
  CHECK(first.text() == "we need a tent");
  CHECK(first.sequence() == 2);
  CHECK(first.author_kind() == v1::AUTHOR_KIND_PERSON);
  CHECK(first.contact_id().empty());
  const std::string contact = visitor.Contact();
  CHECK(hub.Sql("SELECT last_inbound FROM channels.contact") == "2");
  REQUIRE(routing.Owner(contact, 2, "").ok());
  REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  const auto closed = routing.Close(contact, 3, 2);
  REQUIRE(closed.ok());
  CHECK(closed->closed());
  CHECK(visitor.Contact().empty());

  visitor.Post("one more thing");
  const std::string next = visitor.Contact();
  CHECK_FALSE(next.empty());
  CHECK(next != contact);
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 3; }));
  const auto& step = hub.neighbours.steps.back();
  CHECK(step.start());
  CHECK(step.returning());
  CHECK(step.text() == "one more thing");
  CHECK(step.last_agent_id() == kAmal);
}

TEST_CASE("PostMessage while an agent has the contact steps no flow") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  REQUIRE(routing.Owner(visitor.Contact(), 2, "").ok());
  visitor.Post("are you there?");
  CHECK(hub.Sql("SELECT count(*) FROM channels.outbox WHERE kind = 'ivr.step'") == "0");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 1; }));
}

TEST_CASE("PostMessage_Repeated_AnswersWithTheFirstResult") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const std::string id = NewId();
  const auto first = visitor.TryPost("hello", id);
  const auto again = visitor.TryPost("hello", id);
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(first->id() == again->id());
  CHECK(first->sequence() == again->sequence());
  CHECK(first->request_id() == id);
  const auto other = visitor.TryPost("something else", id);
  CHECK(other.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(Reason(other) == "REASON_ALREADY_EXISTS");
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE author = 1") == "1");
}

TEST_CASE("PostMessage keeps HTML, script and right-to-left overrides as written") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  for (const std::string text : {"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202egnp.exe\u202c",
                                 "'; DROP TABLE message; --", "\u2066abc", "{{7*7}}", "مرحبا\nhello"}) {
    CHECK(visitor.Post(text).text() == text);
    CHECK(visitor.Messages().back().text() == text);
  }
}

TEST_CASE("PostMessage_BadText_InvalidField") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const auto refused = [&](const std::string& text) { return Reason(visitor.TryPost(text)) == "REASON_INVALID_FIELD"; };
  CHECK(refused(""));
  CHECK(refused("  \n "));
  CHECK(refused(std::string(4001, 'x')));
  CHECK(refused("bell \x07"));
  CHECK(refused(std::string("nul\0l", 5)));
  CHECK(Reason(visitor.TryPost("x", "no-uuid")) == "REASON_INVALID_FIELD");
  CHECK(visitor.TryPost(std::string(4000, 'x')).ok());
  CHECK(visitor.Messages().size() == 2);
}

TEST_CASE("PostMessage with a choice stores what the choice was called") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  wire::ApplyFlowStepRequest step;
  step.mutable_handoff()->set_caller("ivr");
  step.mutable_handoff()->set_aggregate(visitor.Contact());
  step.mutable_handoff()->set_sequence(1);
  step.set_contact_id(visitor.Contact());
  step.set_epoch(1);
  auto* say = step.add_says();
  say->set_text("What is it about?");
  auto* choice = say->add_choices();
  choice->set_id("legal");
  choice->set_title("Legal advice");
  REQUIRE(hub.Call<wire::ApplyFlowStepResponse>(std::string(kContacts) + "ApplyFlowStep", step, hub.ServiceToken("ivr"))
              .ok());

  const auto chosen = visitor.TryPost("", NewId(), "legal");
  REQUIRE(chosen.ok());
  CHECK(chosen->text() == "Legal advice");
  CHECK(chosen->choice_id() == "legal");
  const auto typed = visitor.TryPost("my landlord", NewId(), "gone");
  REQUIRE(typed.ok());
  CHECK(typed->choice_id().empty());
  CHECK(Reason(visitor.TryPost("", NewId(), "gone")) == "REASON_INVALID_FIELD");
}

TEST_CASE("A visitor's token opens its own conversation alone") {
  TestHub hub;
  auto one = Visitor::Start(hub);
  auto two = Visitor::Start(hub);
  one.Post("mine");
  CHECK(two.Messages().size() == 1);
  Visitor forged{hub, "hvv_" + std::string(43, 'A'), one.conversation};
  CHECK(Reason(forged.TryPost("x")) == "REASON_UNAUTHENTICATED");
  Visitor nobody{hub, "", one.conversation};
  CHECK(Reason(nobody.TryPost("x")) == "REASON_UNAUTHENTICATED");
  Visitor agent{hub, hub.Staff(kAmal, "AGENT"), one.conversation};
  CHECK(Reason(agent.TryPost("x")) == "REASON_FORBIDDEN");
  v1::GetConversationRequest staff_only;
  staff_only.set_conversation_id(one.conversation);
  CHECK(Reason(hub.Call<v1::GetConversationResponse>(std::string(kConversations) + "GetConversation", staff_only,
                                                     one.token)) == "REASON_FORBIDDEN");
}

TEST_CASE("ListChatMessages pages and leaves notes out") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  REQUIRE(routing.Owner(visitor.Contact(), 2, kAmal).ok());
  v1::AddNoteRequest note;
  note.set_conversation_id(visitor.conversation);
  note.set_text("careful");
  note.set_request_id(NewId());
  REQUIRE(hub.Call<v1::AddNoteResponse>(std::string(kConversations) + "AddNote", note, hub.Staff(kAmal, "AGENT")).ok());
  for (int i = 0; i < 5; ++i) visitor.Post(std::to_string(i));
  for (const auto& message : visitor.Messages()) CHECK(message.kind() != v1::MESSAGE_KIND_NOTE);
  v1::ListChatMessagesRequest request;
  request.set_page_size(3);
  const std::string method = std::string(kWebchat) + "ListChatMessages";
  const auto page = hub.Call<v1::ListChatMessagesResponse>(method, request, visitor.token);
  REQUIRE(page.ok());
  CHECK(page->messages_size() == 3);
  CHECK(page->has_more());
  request.set_after_sequence(7);
  const auto rest = hub.Call<v1::ListChatMessagesResponse>(method, request, visitor.token);
  CHECK(rest->messages_size() == 1);
  CHECK_FALSE(rest->has_more());
  request.set_page_size(201);
  CHECK(Reason(hub.Call<v1::ListChatMessagesResponse>(method, request, visitor.token)) == "REASON_INVALID_FIELD");
}

TEST_CASE("ReportSeen marks what was delivered and read, and never goes back") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  Agent amal{hub, kAmal};
  const auto one = amal.Send(visitor.conversation, contact, 2, "one");
  const auto two = amal.Send(visitor.conversation, contact, 2, "two");
  REQUIRE(two.ok());
  const auto states = [&] {
    std::string out;
    for (const auto& m : visitor.Messages()) {
      if (m.author_kind() == v1::AUTHOR_KIND_AGENT) out += std::to_string(m.delivery_state());
    }
    return out;
  };
  CHECK(states() == "11");
  const auto report = [&](std::int64_t seen, std::int64_t received) {
    v1::ReportSeenRequest request;
    request.set_sequence(seen);
    request.set_received_sequence(received);
    return hub.Call<v1::ReportSeenResponse>(std::string(kWebchat) + "ReportSeen", request, visitor.token);
  };
  REQUIRE(report(one->sequence(), two->sequence()).ok());
  CHECK(states() == "32");
  REQUIRE(report(0, 0).ok());
  CHECK(states() == "32");
  REQUIRE(report(1'000'000, 0).ok());
  CHECK(states() == "33");
  const auto later = amal.Send(visitor.conversation, contact, 2, "three");
  REQUIRE(later.ok());
  CHECK(states() == "331");
  CHECK(Reason(report(-1, 0)) == "REASON_INVALID_FIELD");
}

TEST_CASE("LeaveChat ends nothing and tells routing; a message brings the person back") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, "").ok());
  const auto leave = [&] {
    return hub.Call<v1::LeaveChatResponse>(std::string(kWebchat) + "LeaveChat", v1::LeaveChatRequest(), visitor.token);
  };
  REQUIRE(leave().ok());
  REQUIRE(leave().ok());
  CHECK(visitor.Contact() == contact);
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE event = 6") == "1");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.left.size() == 1; }));
  CHECK_FALSE(hub.neighbours.left[0].returned());
  visitor.Post("back again");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.left.size() == 2; }));
  CHECK(hub.neighbours.left[1].returned());
  CHECK(hub.Sql("SELECT person_left FROM channels.contact") == "f");
}

TEST_CASE("LeaveChat while the flow has the contact is told to routing with the first queue") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  REQUIRE(
      hub.Call<v1::LeaveChatResponse>(std::string(kWebchat) + "LeaveChat", v1::LeaveChatRequest(), visitor.token).ok());
  CHECK(hub.Sql("SELECT count(*) FROM channels.outbox WHERE callee = 'routing'") == "0");
  REQUIRE(routing.Owner(visitor.Contact(), 2, "").ok());
  REQUIRE(hub.Eventually([&] { return hub.neighbours.left.size() == 1; }));
}

TEST_CASE("LeaveChat_RevokeToken_EndsTheTokenNow") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  visitor.Post("hello");
  v1::LeaveChatRequest request;
  request.set_revoke_token(true);
  REQUIRE(hub.Call<v1::LeaveChatResponse>(std::string(kWebchat) + "LeaveChat", request, visitor.token).ok());
  // The adapter still remembers the credential; the transaction does not.
  CHECK(Reason(visitor.TryPost("x")) == "REASON_UNAUTHENTICATED");
  CHECK(Reason(hub.Call<v1::ListChatMessagesResponse>(std::string(kWebchat) + "ListChatMessages",
                                                      v1::ListChatMessagesRequest(), visitor.token)) ==
        "REASON_UNAUTHENTICATED");
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE author = 1") == "1");
}

TEST_CASE("RenewToken gives another token and lets the old one end") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  const std::string method = std::string(kWebchat) + "RenewToken";
  const auto renewed = hub.Call<v1::RenewTokenResponse>(method, v1::RenewTokenRequest(), visitor.token);
  REQUIRE(renewed.ok());
  Visitor fresh{hub, renewed->visitor_token(), visitor.conversation};
  fresh.Post("with the new one");
  visitor.Post("with the old one");
  hub.manual_clock.Advance(absl::Seconds(601));
  CHECK(Reason(visitor.TryPost("x")) == "REASON_UNAUTHENTICATED");
  fresh.Post("still there");
  CHECK(Reason(hub.Call<v1::RenewTokenResponse>(method, v1::RenewTokenRequest(), visitor.token)) ==
        "REASON_UNAUTHENTICATED");
}

TEST_CASE("RenewToken_TooMany_RateLimited") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  std::string token = visitor.token;
  std::string reason;
  for (int i = 0; i < 8 && reason.empty(); ++i) {
    const auto renewed =
        hub.Call<v1::RenewTokenResponse>(std::string(kWebchat) + "RenewToken", v1::RenewTokenRequest(), token);
    reason = Reason(renewed);
    if (renewed.ok()) token = renewed->visitor_token();
  }
  CHECK(reason == "REASON_RATE_LIMITED");
}

TEST_CASE("A token lives for thirty days after its last use") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  for (int week = 0; week < 6; ++week) {
    hub.manual_clock.Advance(absl::Hours(24 * 7));
    visitor.Post("still here");
  }
  hub.manual_clock.Advance(absl::Hours(24 * 31));
  CHECK(Reason(visitor.TryPost("too late")) == "REASON_UNAUTHENTICATED");
}

TEST_CASE("PostgreSQL away: nothing is acknowledged") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  visitor.Post("before");
  hub.Sql("ALTER TABLE channels.message RENAME TO hidden");
  const auto refused = visitor.TryPost("lost?");
  CHECK_FALSE(refused.ok());
  hub.Sql("ALTER TABLE channels.hidden RENAME TO message");
  CHECK(visitor.Messages().back().text() == "before");
}

}  // namespace
}  // namespace haven::channels::testing
