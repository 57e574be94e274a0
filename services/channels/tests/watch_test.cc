#include "libs/async/task_group.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

const std::string kWatch = std::string(kWebchat) + "WatchChat";

// A page that follows its chat; collects on the loop.
class Page {
 public:
  Page(TestHub& hub, std::string token, std::int64_t after = 0)
      : hub_(hub), group_(hub.loop(), "page"), token_(std::move(token)) {
    group_.Spawn(Run(this, after));
  }
  ~Page() {
    hub_.OnLoop([this] {
      if (stream_) stream_->Cancel();
    });
    REQUIRE(hub_.Eventually([this] { return ended; }));
  }

  bool Has(std::size_t count) {
    return hub_.Eventually([this, count] { return messages.size() >= count; });
  }

  std::vector<v1::Message> messages;
  std::vector<v1::ChatState> states;
  int heartbeats = 0;
  bool ended = false;
  absl::Status status;

 private:
  static async::Task<void> Run(Page* page, std::int64_t after) {
    v1::WatchChatRequest request;
    request.set_after_sequence(after);
    rpc::CallOptions options(core::Deadline::After(std::chrono::minutes(10)));
    options.token = page->token_;
    page->stream_.emplace(page->hub_.channel().ServerStream<v1::WatchChatRequest, v1::WatchChatResponse>(
        kWatch, request, std::move(options)));
    while (auto news = co_await page->stream_->Next()) {
      if (news->has_state()) page->states.push_back(news->state());
      for (const auto& message : news->messages()) page->messages.push_back(message);
      if (news->heartbeat()) ++page->heartbeats;
    }
    page->status = page->stream_->status();
    page->stream_.reset();
    page->ended = true;
  }

  TestHub& hub_;
  async::TaskGroup group_;
  std::string token_;
  std::optional<rpc::Stream<v1::WatchChatResponse>> stream_;
};

TEST_CASE("WatchChat tells what was said, then what comes, and who answers") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  visitor.Post("before");
  Page page(hub, visitor.token);
  REQUIRE(page.Has(2));
  REQUIRE(page.states.size() == 1);
  CHECK(page.states[0].owner_kind() == v1::OWNER_KIND_FLOW);
  visitor.Post("after");
  REQUIRE(page.Has(3));
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, "").ok());
  REQUIRE(routing.Owner(contact, 3, kAmal).ok());
  REQUIRE(Agent{hub, kAmal}.Send(visitor.conversation, contact, 3, "hello").ok());
  REQUIRE(page.Has(6));
  CHECK(page.messages[5].author_name() == "Amal");
  CHECK(page.messages[5].author_id().empty());
  CHECK(page.states.back().owner_kind() == v1::OWNER_KIND_AGENT);
  CHECK(page.states.back().agent_name() == "Amal");
  REQUIRE(routing.Close(contact, 3, 100)->closed());
  REQUIRE(hub.Eventually([&] { return page.states.back().ended(); }));
  for (std::size_t i = 1; i < page.messages.size(); ++i) {
    CHECK(page.messages[i].sequence() == page.messages[i - 1].sequence() + 1);
  }
}

TEST_CASE("WatchChat resumes where the page was") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  for (int i = 0; i < 120; ++i) visitor.Post(std::to_string(i));
  Page page(hub, visitor.token, 11);
  REQUIRE(page.Has(110));
  CHECK(page.messages.front().sequence() == 12);
  CHECK(page.messages.back().sequence() == 121);
}

TEST_CASE("WatchChat tells no notes and does not stumble over them") {
  TestHub hub;
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  REQUIRE(routing.Owner(visitor.Contact(), 2, kAmal).ok());
  Page page(hub, visitor.token);
  REQUIRE(page.Has(2));
  v1::AddNoteRequest note;
  note.set_conversation_id(visitor.conversation);
  note.set_text("private");
  note.set_request_id(NewId());
  REQUIRE(hub.Call<v1::AddNoteResponse>(std::string(kConversations) + "AddNote", note, hub.Staff(kAmal, "AGENT")).ok());
  visitor.Post("hello?");
  REQUIRE(page.Has(3));
  CHECK(page.messages[2].text() == "hello?");
}

TEST_CASE("WatchChat gives a sign of life") {
  TestHub hub({.flags = {"--channels.heartbeat-seconds=1"}});
  auto visitor = Visitor::Start(hub);
  Page page(hub, visitor.token);
  REQUIRE(hub.Eventually([&] { return page.heartbeats >= 1; }));
}

TEST_CASE("WatchChat_ThirdStream_EndsTheOldest") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  Page first(hub, visitor.token);
  REQUIRE(first.Has(1));
  Page second(hub, visitor.token);
  REQUIRE(second.Has(1));
  Page third(hub, visitor.token);
  REQUIRE(third.Has(1));
  REQUIRE(hub.Eventually([&] { return first.ended; }));
  CHECK(Reason(first.status) == "REASON_OVERLOADED");
  CHECK(core::RetryAfterOf(first.status));
  visitor.Post("x");
  REQUIRE(second.Has(2));
  REQUIRE(third.Has(2));
}

TEST_CASE("WatchChat_TooManyOnTheHub_Overloaded") {
  TestHub hub({.flags = {"--channels.streams-total=10", "--channels.starts-per-source=100"}});
  std::vector<std::unique_ptr<Page>> pages;
  std::vector<Visitor> visitors;
  for (int i = 0; i < 10; ++i) {
    visitors.push_back(Visitor::Start(hub));
    pages.push_back(std::make_unique<Page>(hub, visitors.back().token));
    REQUIRE(pages.back()->Has(1));
  }
  auto late = Visitor::Start(hub);
  Page refused(hub, late.token);
  REQUIRE(hub.Eventually([&] { return refused.ended; }));
  CHECK(Reason(refused.status) == "REASON_OVERLOADED");
  pages.pop_back();
  Page fits(hub, late.token);
  CHECK(fits.Has(1));
}

TEST_CASE("WatchChat_Unauthenticated_AndBadCursor") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  Page forged(hub, "hvv_" + std::string(43, 'A'));
  REQUIRE(hub.Eventually([&] { return forged.ended; }));
  CHECK(Reason(forged.status) == "REASON_UNAUTHENTICATED");
  Page negative(hub, visitor.token, -1);
  REQUIRE(hub.Eventually([&] { return negative.ended; }));
  CHECK(Reason(negative.status) == "REASON_INVALID_FIELD");
}

TEST_CASE("WatchChat_TokenRevoked_EndsTheStream") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  Page page(hub, visitor.token);
  REQUIRE(page.Has(1));
  v1::LeaveChatRequest leave;
  leave.set_revoke_token(true);
  REQUIRE(hub.Call<v1::LeaveChatResponse>(std::string(kWebchat) + "LeaveChat", leave, visitor.token).ok());
  REQUIRE(hub.Eventually([&] { return page.ended; }));
  CHECK(Reason(page.status) == "REASON_UNAUTHENTICATED");
}

TEST_CASE("A message committed by another process wakes a page by the hub's stream, or by the sweep") {
  TestHub hub({.flags = {"--channels.heartbeat-seconds=1"}});
  auto visitor = Visitor::Start(hub);
  Page page(hub, visitor.token);
  REQUIRE(page.Has(1));
  // As another process would commit it: no commit hook of ours runs.
  const auto commit = [&](int sequence) {
    hub.Sql("UPDATE channels.conversation SET last_sequence = " + std::to_string(sequence) + ", version = version + 1");
    hub.Sql(
        "INSERT INTO channels.message SELECT conversation_id, " + std::to_string(sequence) +
        ", gen_random_uuid(), contact_id, 2, '', '', '', 1, 'from elsewhere', NULL, NULL, '', 0, now(), 1, NULL FROM "
        "channels.message WHERE sequence = 1");
  };
  commit(2);
  hub.redis_server.Cli({"XADD", "haven:{lb}:events", "*", "id", NewId(), "kind", "message_added", "conversation",
                        visitor.conversation, "sequence", "2"});
  REQUIRE(page.Has(2));
  commit(3);
  REQUIRE(page.Has(3));
}

TEST_CASE("Events of a message reach the hub's stream with ids alone") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  visitor.Post("a secret of the person");
  REQUIRE(hub.Eventually([&] { return hub.Sql("SELECT count(*) FROM channels.event_outbox") == "0"; }));
  const std::string stream = hub.redis_server.Cli({"XRANGE", "haven:{lb}:events", "-", "+"});
  CHECK(stream.find("message_added") != std::string::npos);
  CHECK(stream.find(visitor.conversation) != std::string::npos);
  CHECK(stream.find("secret") == std::string::npos);
  CHECK(stream.find(visitor.token) == std::string::npos);
}

TEST_CASE("Events wait in SQL while Redis is away, and nothing else waits for them") {
  TestHub hub;
  auto visitor = Visitor::Start(hub);
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 1; }));
  hub.redis_server.Stop();
  visitor.Post("no Redis");
  REQUIRE(hub.Eventually([&] { return hub.neighbours.steps.size() == 2; }));
  CHECK(hub.Sql("SELECT count(*) > 0 FROM channels.event_outbox") == "t");
  hub.redis_server.Start();
  REQUIRE(hub.Eventually([&] { return hub.Sql("SELECT count(*) FROM channels.event_outbox") == "0"; }));
  CHECK(hub.redis_server.Cli({"XRANGE", "haven:{lb}:events", "-", "+"}).find("message_added") != std::string::npos);
}

}  // namespace
}  // namespace haven::channels::testing
