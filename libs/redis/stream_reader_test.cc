#include "libs/redis/stream_reader.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "libs/redis/test_loop.h"
#include "libs/testing/redis_fixture.h"

namespace haven::redis {
namespace {

using std::chrono::milliseconds;
using testing::RedisFixture;
using Entries = absl::StatusOr<std::vector<StreamEntry>>;

struct Setup {
  explicit Setup(RedisFixture& redis_server, std::string generation_key = {}) : server(redis_server) {
    StreamReaderOptions options;
    options.redis.target = server.target();
    options.stream = "events";
    options.generation_key = std::move(generation_key);
    options.block_slice = milliseconds(50);
    reader = StreamReader::Create(loop.executor(), options);
  }
  std::string Add(const std::string& value) { return server.Cli({"XADD", "events", "*", "v", value}); }
  StreamCursor Tail() { return loop.Run(reader->Tail(Soon())).value(); }
  Entries Read(const StreamCursor& cursor, std::size_t count = 100, core::Deadline deadline = Soon()) {
    return loop.Run(reader->Read(deadline, cursor, count));
  }

  RedisFixture& server;
  TestLoop loop;
  std::unique_ptr<StreamReader> reader;
};

TEST_CASE("StreamCursor_TextRoundTrip_RefusesTheRest") {
  const StreamCursor cursor{"abc/7", {1700000000000, 3}};
  CHECK(cursor.ToString() == "abc/7@1700000000000-3");
  CHECK(StreamCursor::Parse(cursor.ToString()) == cursor);
  for (const std::string_view text :
       {"", "abc", "abc@", "abc@1", "abc@-1", "abc@1-", "abc@1-2x", "abc@99999999999999999999-1"}) {
    CAPTURE(text);
    CHECK_FALSE(StreamCursor::Parse(text).has_value());
  }
  CHECK(StreamId{9, 5} < StreamId{10, 0});
}

TEST_CASE("Read_EntriesAfterTheCursor_InOrder_UpToCount") {
  RedisFixture server;
  Setup setup(server);
  setup.Add("before");
  auto cursor = setup.Tail();
  for (int i = 0; i < 5; ++i) setup.Add(std::to_string(i));
  auto entries = setup.Read(cursor, 3);
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 3);
  CHECK(entries->front().fields == std::vector<std::pair<std::string, std::string>>{{"v", "0"}});
  cursor.id = entries->back().id;
  entries = setup.Read(cursor, 3);
  REQUIRE(entries->size() == 2);
  CHECK(entries->back().fields[0].second == "4");
}

TEST_CASE("Read_WaitsForTheFirstEntry_OverSeveralSlices_AlsoOfANewStream") {
  RedisFixture server;
  Setup setup(server);
  auto waiting = setup.loop.Spawn(setup.reader->Read(Soon(), setup.Tail(), 10));
  const auto past_two_slices = In(milliseconds(120));
  setup.loop.Until([&] { return past_two_slices.Expired(); });
  CHECK_FALSE(waiting->has_value());
  setup.Add("first");
  const auto entries = setup.loop.Await(waiting);
  REQUIRE(entries.ok());
  CHECK(entries->front().fields[0].second == "first");
}

TEST_CASE("Read_NothingByTheDeadline_IsEmpty") {
  RedisFixture server;
  Setup setup(server);
  setup.Add("old");
  const auto entries = setup.Read(setup.Tail(), 10, In(milliseconds(300)));
  REQUIRE(entries.ok());
  CHECK(entries->empty());
}

TEST_CASE("Read_TrimmedCursor_IsOutOfRange") {
  RedisFixture server;
  Setup setup(server);
  setup.Add("a");
  const auto cursor = setup.Tail();
  setup.Add("b");
  setup.Add("c");
  CHECK(server.Cli({"XTRIM", "events", "MAXLEN", "1"}) == "2");
  CHECK(absl::IsOutOfRange(setup.Read(cursor).status()));
  const auto start = StreamCursor{cursor.generation, {}};
  CHECK(absl::IsOutOfRange(setup.Read(start).status()));
  // One that has seen the newest is not concerned, even when nothing is left.
  const auto tail = setup.Tail();
  CHECK(server.Cli({"XTRIM", "events", "MAXLEN", "0"}) == "1");
  CHECK(setup.Read(tail, 10, In(milliseconds(300))).ok());
  CHECK(absl::IsOutOfRange(setup.Read(cursor).status()));
}

TEST_CASE("Read_FlushedServer_IsOutOfRange_AlsoWhileWaiting") {
  RedisFixture server;
  Setup setup(server);
  setup.Add("a");
  const auto cursor = setup.Tail();
  auto waiting = setup.loop.Spawn(setup.reader->Read(Soon(), cursor, 10));
  setup.loop.Until([&] { return server.Cli({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
  CHECK(server.Cli({"FLUSHALL"}) == "OK");
  CHECK(absl::IsOutOfRange(setup.loop.Await(waiting).status()));
  // Entries of the new life have later ids: an id alone would be accepted.
  setup.Add("b");
  CHECK(absl::IsOutOfRange(setup.Read(cursor).status()));
}

TEST_CASE("Read_RestartedServer_WithItsData_IsOutOfRange") {
  RedisFixture server({.aof = true, .tcp = false, .args = {}});
  Setup setup(server);
  setup.Add("a");
  const auto cursor = setup.Tail();
  auto waiting = setup.loop.Spawn(setup.reader->Read(Soon(), cursor, 10));
  setup.loop.Until([&] { return server.Cli({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
  server.Kill9();
  CHECK(absl::IsUnavailable(setup.loop.Await(waiting).status()));
  CHECK(absl::IsUnavailable(setup.Read(cursor).status()));
  server.Start();
  CHECK(absl::IsOutOfRange(setup.Read(cursor).status()));
  const auto tail = setup.Tail();
  CHECK(tail.id == cursor.id);
  CHECK(tail.generation != cursor.generation);
  setup.Add("b");
  CHECK(setup.Read(tail)->size() == 1);
}

TEST_CASE("Read_NewGeneration_IsOutOfRange_WhileWaiting") {
  RedisFixture server;
  Setup setup(server, "generation");
  server.Cli({"SET", "generation", "1"});
  setup.Add("a");
  const auto cursor = setup.Tail();
  auto waiting = setup.loop.Spawn(setup.reader->Read(Soon(), cursor, 10));
  setup.loop.Until([&] { return server.Cli({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
  server.Cli({"SET", "generation", "2"});
  CHECK(absl::IsOutOfRange(setup.loop.Await(waiting).status()));
}

TEST_CASE("Read_WrongType_IsAnError_AndTheReaderRecovers") {
  RedisFixture server;
  Setup setup(server);
  const auto cursor = setup.Tail();
  server.Cli({"SET", "events", "text"});
  CHECK(setup.Read(cursor).status().code() == absl::StatusCode::kInternal);
  server.Cli({"DEL", "events"});
  setup.Add("a");
  CHECK(setup.Read(cursor)->size() == 1);
}

TEST_CASE("Close_EndsAReadInProgress") {
  RedisFixture server;
  Setup setup(server);
  auto waiting = setup.loop.Spawn(setup.reader->Read(Soon(), setup.Tail(), 10));
  setup.loop.Until([&] { return server.Cli({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
  setup.reader->Close();
  CHECK(absl::IsUnavailable(setup.loop.Await(waiting).status()));
  CHECK(absl::IsUnavailable(setup.loop.Run(setup.reader->Tail(Soon())).status()));
}

}  // namespace
}  // namespace haven::redis
