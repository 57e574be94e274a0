#include "libs/events/fanout.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "libs/events/publisher.h"
#include "libs/redis/test_loop.h"
#include "libs/testing/redis_fixture.h"

namespace haven::events {
namespace {

using redis::Soon;
using redis::StreamCursor;
using redis::TestLoop;
using std::chrono::milliseconds;
using testing::RedisFixture;

Event Contact(const std::string& id) {
  Event event;
  event.set_id(id);
  event.set_kind(v1::EVENT_KIND_CONTACT_ENQUEUED);
  event.set_contact_id("contact-" + id);
  return event;
}

// What one subscriber has seen.
struct Seen {
  Handlers handlers() {
    return {[this](const ReceivedPtr& received) {
              ids.push_back(received->event.id());
              last = received->cursor;
            },
            [this](const StreamCursor& now) {
              ++resets;
              last = now;
            }};
  }
  std::vector<std::string> ids;
  StreamCursor last;
  int resets = 0;
};

struct Setup {
  explicit Setup(RedisFixture& redis_server, std::size_t keep = 100) : server(redis_server) {
    redis::RedisOptions redis_options;
    redis_options.target = server.target();
    redis_options.backoff_max = milliseconds(50);
    client = redis::Redis::Create(loop.executor(), redis_options);
    REQUIRE(loop.Run(client->WaitConnected(Soon())).ok());
    publisher = std::make_unique<Publisher>(client.get(), PublisherOptions{StreamKey("test"), 1000});
    FanoutOptions options;
    options.reader.redis = redis_options;
    options.reader.stream = StreamKey("test");
    options.reader.block_slice = milliseconds(50);
    options.keep = keep;
    options.batch = 3;
    fanout = Fanout::Create(loop.executor(), options);
    REQUIRE(loop.Run(fanout->WaitReady(Soon())).ok());
  }
  ~Setup() {
    fanout = nullptr;
    client = nullptr;
    loop.Until([this] { return std::exchange(drained, true); });
  }
  absl::Status Publish(std::vector<std::string> ids) {
    std::vector<Event> events;
    for (const auto& id : ids) events.push_back(Contact(id));
    return loop.Run(publisher->Append(Soon(), events));
  }
  Fanout::Subscribed Subscribe(Seen& seen) { return fanout->Subscribe(*fanout->Cursor(), seen.handlers()).value(); }

  RedisFixture& server;
  TestLoop loop;
  std::unique_ptr<redis::Redis> client;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<Fanout> fanout;
  bool drained = false;
};

TEST_CASE("Fanout_EverySubscriberGetsEveryEventInOrder") {
  RedisFixture server;
  Setup setup(server);
  Seen one, two;
  const auto first = setup.Subscribe(one);
  const auto second = setup.Subscribe(two);
  CHECK_FALSE(first.reset);
  CHECK(first.missed.empty());
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(std::to_string(i));
  CHECK(setup.Publish(ids).ok());
  REQUIRE(setup.loop.Until([&] { return two.ids.size() == 20; }));
  CHECK(one.ids == ids);
  CHECK(two.ids == ids);
  CHECK(one.last == *setup.fanout->Cursor());
  CHECK(setup.fanout->Stats().events == 20);
}

TEST_CASE("Fanout_ComingBackWithACursor_GetsWhatWasMissed") {
  RedisFixture server;
  Setup setup(server);
  Seen watcher, again;
  const auto watching = setup.Subscribe(watcher);
  CHECK(setup.Publish({"a"}).ok());
  REQUIRE(setup.loop.Until([&] { return watcher.ids.size() == 1; }));
  const auto cursor = StreamCursor::Parse(watcher.last.ToString());
  CHECK(setup.Publish({"b", "c"}).ok());
  REQUIRE(setup.loop.Until([&] { return watcher.ids.size() == 3; }));
  const auto back = setup.fanout->Subscribe(*cursor, again.handlers());
  REQUIRE(back.ok());
  CHECK_FALSE(back->reset);
  REQUIRE(back->missed.size() == 2);
  CHECK(back->missed[0]->event.id() == "b");
  CHECK(back->missed[1]->cursor == back->now);
  CHECK(setup.Publish({"d"}).ok());
  REQUIRE(setup.loop.Until([&] { return again.ids.size() == 1; }));
  CHECK(again.ids[0] == "d");
}

TEST_CASE("Fanout_OldUnknownOrInventedCursor_IsReset") {
  RedisFixture server;
  Setup setup(server, 2);
  Seen watcher, seen;
  const auto watching = setup.Subscribe(watcher);
  const auto start = *setup.fanout->Cursor();
  CHECK(setup.Publish({"a", "b", "c"}).ok());
  REQUIRE(setup.loop.Until([&] { return watcher.ids.size() == 3; }));
  CHECK(setup.fanout->Subscribe(start, seen.handlers())->reset);
  auto cursor = *setup.fanout->Cursor();
  CHECK_FALSE(setup.fanout->Subscribe(cursor, seen.handlers())->reset);
  cursor.id.ms += 1;
  CHECK(setup.fanout->Subscribe(cursor, seen.handlers())->reset);
  cursor = *setup.fanout->Cursor();
  cursor.generation = "another";
  const auto other = setup.fanout->Subscribe(cursor, seen.handlers());
  CHECK(other->reset);
  CHECK(other->now == *setup.fanout->Cursor());
}

TEST_CASE("Fanout_EmptyServer_ResetsOnce_AndGoesOn") {
  RedisFixture server;
  Setup setup(server);
  Seen seen;
  const auto subscribed = setup.Subscribe(seen);
  CHECK(setup.Publish({"a"}).ok());
  REQUIRE(setup.loop.Until([&] { return seen.ids.size() == 1; }));
  const auto before = seen.last;
  server.StartEmpty();
  REQUIRE(setup.loop.Until([&] { return seen.resets == 1; }));
  CHECK(seen.last.generation != before.generation);
  REQUIRE(setup.loop.Run(setup.client->WaitConnected(Soon())).ok());
  CHECK(setup.Publish({"b"}).ok());
  REQUIRE(setup.loop.Until([&] { return seen.ids.size() == 2; }));
  CHECK(seen.ids.back() == "b");
  CHECK(seen.resets == 1);
  CHECK(setup.fanout->Stats().resets == 1);
  Seen late;
  CHECK(setup.fanout->Subscribe(before, late.handlers())->reset);
}

TEST_CASE("Fanout_Handlers_MayUnsubscribeAndSubscribe") {
  RedisFixture server;
  Setup setup(server);
  Seen other, added;
  std::unique_ptr<Fanout::Subscription> self, second, third;
  int calls = 0;
  Handlers handlers;
  handlers.on_reset = [](const StreamCursor&) {};
  handlers.on_event = [&](const ReceivedPtr& received) {
    ++calls;
    second = nullptr;
    third = std::move(setup.fanout->Subscribe(received->cursor, added.handlers())->subscription);
    self = nullptr;
  };
  self = std::move(setup.fanout->Subscribe(*setup.fanout->Cursor(), handlers)->subscription);
  second = std::move(setup.Subscribe(other).subscription);
  CHECK(setup.fanout->Stats().subscribers == 2);
  CHECK(setup.Publish({"a", "b"}).ok());
  REQUIRE(setup.loop.Until([&] { return !added.ids.empty(); }));
  CHECK(calls == 1);
  CHECK(other.ids.empty());
  CHECK(added.ids == std::vector<std::string>{"b"});
  CHECK(setup.fanout->Stats().subscribers == 1);
}

TEST_CASE("Fanout_MalformedEntry_IsCountedAndSkipped") {
  RedisFixture server;
  Setup setup(server);
  Seen seen;
  const auto subscribed = setup.Subscribe(seen);
  server.Cli({"XADD", StreamKey("test"), "*", "k", "contact_ended", "e", "many"});
  CHECK(setup.Publish({"a"}).ok());
  REQUIRE(setup.loop.Until([&] { return !seen.ids.empty(); }));
  CHECK(seen.ids == std::vector<std::string>{"a"});
  CHECK(setup.fanout->Stats().malformed == 1);
}

TEST_CASE("Fanout_ServerAway_IsNotReady_ThenReady") {
  RedisFixture server;
  server.Stop();
  TestLoop loop;
  FanoutOptions options;
  options.reader.redis.target = server.target();
  options.reader.stream = StreamKey("test");
  const auto fanout = Fanout::Create(loop.executor(), options);
  CHECK(loop.Run(fanout->WaitReady(redis::In(milliseconds(20)))).code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(absl::IsUnavailable(fanout->Cursor().status()));
  Seen seen;
  CHECK(absl::IsUnavailable(fanout->Subscribe({}, seen.handlers()).status()));
  server.Start();
  CHECK(loop.Run(fanout->WaitReady(Soon())).ok());
  fanout->Close();
  CHECK(loop.Run(fanout->WaitReady(Soon())).ok());
}

TEST_CASE("Publisher_TrimsToItsBound_AndRefusesWhatCannotBeRepeated") {
  RedisFixture server;
  Setup setup(server);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.push_back(std::to_string(i));
    CHECK(setup.Publish(ids).ok());
  }
  CHECK(std::stoi(server.Cli({"XLEN", StreamKey("test")})) <= 1100);
  CHECK(setup.Publish({""}).code() == absl::StatusCode::kInvalidArgument);
  Event unspecified = Contact("a");
  unspecified.set_kind(v1::EVENT_KIND_UNSPECIFIED);
  CHECK(setup.loop.Run(setup.publisher->Append(Soon(), {unspecified})).code() == absl::StatusCode::kInvalidArgument);
  CHECK(setup.Publish({}).ok());
  server.Cli({"DEL", StreamKey("test")});
  server.Cli({"SET", StreamKey("test"), "text"});
  CHECK(setup.Publish({"a"}).code() == absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace haven::events
