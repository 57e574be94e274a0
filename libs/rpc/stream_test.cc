#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/rpc/test_hub.h"

namespace haven::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kFeed = "haven.rpctest.v1.TestService/Feed";

Topology EachTopology() {
  return GENERATE(Topology::kInProcess, Topology::kUnix, Topology::kTcp);
}

struct Read {
  std::vector<int> numbers;
  absl::Status status;
  bool ended = false;
};

// Reads at most `most` messages, then lets go.
async::Task<void> ReadInto(std::shared_ptr<Channel> channel, TestRequest request, CallOptions options, std::size_t most,
                           Read* out) {
  auto stream = channel->ServerStream<TestRequest, TestResponse>(kFeed, request, std::move(options));
  while (out->numbers.size() < most) {
    const auto message = co_await stream.Next();
    if (!message) break;
    out->numbers.push_back(message->number());
  }
  out->status = stream.status();
  out->ended = true;
}

// What a reader writes to is declared before this: the end of the fixture waits for readers that are still there.
struct Fixture {
  explicit Fixture(Topology topology, std::function<void(ServerOptions&)> adjust = nullptr)
      : hub(topology, std::move(adjust)), group(hub.loop, "readers") {}
  ~Fixture() { hub.Run(group.Drain(core::Deadline::After(seconds(20)))); }

  void Start(const std::string& text, int count, std::size_t most = 1'000'000, milliseconds span = seconds(60)) {
    group.Spawn(ReadInto(hub.channel, Text(text, count), TestHub::Within(span, hub.StaffToken({})), most, &read));
  }
  bool Ended() {
    return hub.Eventually([this] { return read.ended; });
  }

  TestHub hub;
  async::TaskGroup group;
  Read read;
};

TEST_CASE("Stream_DeliversAllInOrder_ThenEndsWithTheStatus") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("", 500);
  REQUIRE(f.Ended());
  REQUIRE(f.read.numbers.size() == 500);
  for (int i = 0; i < 500; ++i) CHECK(f.read.numbers[static_cast<std::size_t>(i)] == i + 1);
  CHECK(f.read.status.ok());
}

TEST_CASE("Stream_EndsWithAnError_AfterItsMessages") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("fail", 3);
  REQUIRE(f.Ended());
  CHECK(f.read.numbers.size() == 3);
  CHECK(core::ReasonOf(f.read.status) == errors::v1::REASON_RESTORING);
}

TEST_CASE("Stream_Empty_EndsAtOnce") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("", 0);
  REQUIRE(f.Ended());
  CHECK(f.read.numbers.empty());
  CHECK(f.read.status.ok());
}

TEST_CASE("Stream_Refused_NeverEntersTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.group.Spawn(ReadInto(f.hub.channel, Text("", 3), TestHub::Within(seconds(30), "rubbish"), 10, &f.read));
  REQUIRE(f.Ended());
  CHECK(core::ReasonOf(f.read.status) == errors::v1::REASON_UNAUTHENTICATED);
  CHECK(f.hub.api.entered == 0);
}

TEST_CASE("Stream_ReaderLetsGo_WaitingHandlerIsCancelled") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("wait", 2, 2);  // the handler then waits for ever
  REQUIRE(f.Ended());
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == 1; }));
  CHECK(f.hub.api.cancelled == 1);
}

TEST_CASE("Stream_ReaderLetsGo_WriteSaysSo") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("flood", 0, 5);
  REQUIRE(f.Ended());
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == 1; }));
}

TEST_CASE("Stream_Deadline_EndsBothSides") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Fixture f(topology);
  f.Start("wait", 1, 100, milliseconds(100));
  REQUIRE(f.Ended());
  CHECK(core::ReasonOf(f.read.status) == errors::v1::REASON_DEADLINE_EXCEEDED);
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == 1; }));
}

// A reader that takes nothing stops the writer before much has piled up, and is let go in the end.
TEST_CASE("Stream_ReaderStandsStill_WriterIsStoppedAndThenEnded") {
  const auto topology = GENERATE(Topology::kUnix, Topology::kTcp);
  INFO(NameOf(topology));
  Fixture f(topology, [](ServerOptions& o) { o.stream_stall = milliseconds(200); });
  std::unique_ptr<RawStream> stream;
  f.hub.OnLoop([&] {
    stream = f.hub.channel->StreamRaw(kFeed, Text("flood").SerializeAsString(),
                                      TestHub::Within(seconds(60), f.hub.StaffToken({})));
  });
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == 1; }));
  CHECK(f.hub.api.written < 400);  // of 64 KiB: what sockets and gRPC hold
  f.hub.OnLoop([&] { stream.reset(); });
}

TEST_CASE("Stream_IdentityRevoked_IsCut_OthersStay") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Read other;
  Fixture f(topology);
  f.Start("wait", 1);
  f.group.Spawn(
      ReadInto(f.hub.channel, Text("wait", 1), TestHub::Within(seconds(60), f.hub.ServiceToken()), 100, &other));
  REQUIRE(f.hub.Eventually([&] { return f.read.numbers.size() == 1 && other.numbers.size() == 1; }));
  f.hub.OnLoop(
      [&] { f.hub.server->EndStreams([](const Identity& identity) { return identity.session_id == "session-1"; }); });
  REQUIRE(f.Ended());
  CHECK(core::ReasonOf(f.read.status) == errors::v1::REASON_UNAUTHENTICATED);
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == 1; }));
  CHECK_FALSE(other.ended);
}

async::Task<void> DrainInto(Server* server, bool* done) {
  co_await server->Drain(core::Deadline::After(seconds(20)));
  *done = true;
}

TEST_CASE("Stream_Drain_TellsReadersToComeBack") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  bool drained = false;
  Fixture f(topology);
  f.Start("wait", 1);
  REQUIRE(f.hub.Eventually([&] { return f.read.numbers.size() == 1; }));
  f.group.Spawn(DrainInto(f.hub.server.get(), &drained));
  REQUIRE(f.Ended());
  CHECK(f.read.status.code() == absl::StatusCode::kUnavailable);
  CHECK(f.hub.Eventually([&] { return drained; }));
}

TEST_CASE("Stream_TooMany_AreRefused") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  Read second;
  Fixture f(topology, [](ServerOptions& o) { o.max_streams = 1; });
  f.Start("wait", 1);
  REQUIRE(f.hub.Eventually([&] { return f.read.numbers.size() == 1; }));
  f.group.Spawn(ReadInto(f.hub.channel, Text("", 1), TestHub::Within(seconds(30), f.hub.StaffToken({})), 10, &second));
  CHECK(f.hub.Eventually([&] { return second.ended; }));
  CHECK(core::ReasonOf(second.status) == errors::v1::REASON_OVERLOADED);
  CHECK(f.hub.api.entered == 1);
}

// Readers that come, read a little and go, many times over: nothing is left behind.
TEST_CASE("Stream_ManyReadersComeAndGo") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  std::vector<Read> reads(200);
  Fixture f(topology);
  for (std::size_t i = 0; i < reads.size(); ++i) {
    f.group.Spawn(
        ReadInto(f.hub.channel, Text("", 10), TestHub::Within(seconds(60), f.hub.StaffToken({})), i % 12, &reads[i]));
  }
  CHECK(
      f.hub.Eventually([&] { return std::all_of(reads.begin(), reads.end(), [](const Read& r) { return r.ended; }); }));
  CHECK(f.hub.Eventually([&] { return f.hub.api.streams_ended == f.hub.api.entered; }));
  for (std::size_t i = 0; i < reads.size(); ++i) CHECK(reads[i].numbers.size() == std::min<std::size_t>(i % 12, 10));
}

}  // namespace
}  // namespace haven::rpc
