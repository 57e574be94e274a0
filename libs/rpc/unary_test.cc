#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/core/log.h"
#include "libs/rpc/test_hub.h"

namespace haven::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Topology EachTopology() {
  return GENERATE(Topology::kInProcess, Topology::kUnix, Topology::kTcp);
}

TEST_CASE("Unary_AnswersOverEachTopology") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto response = hub.Call("Work", "hello", hub.StaffToken({}));
  INFO(response.status().ToString());
  REQUIRE(response.ok());
  CHECK(response->text() == "hello");
  CHECK(hub.Call("Work", "who", hub.StaffToken({}))->text() == "user-1");
  CHECK(hub.api.entered == 2);
}

TEST_CASE("Unary_ErrorDetails_RoundTrip") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto lost = hub.Call("Open", "fail", "").status();
  CHECK(lost.code() == absl::StatusCode::kAborted);
  CHECK(core::ReasonOf(lost) == errors::v1::REASON_LOST_RACE);
  CHECK(lost.message() == "epoch has moved on");
  CHECK(core::MetadataOf(lost, "epoch") == "7");
  const auto fields = hub.Call("Open", "fields", "").status();
  REQUIRE(core::ViolationsOf(fields).size() == 2);
  CHECK(core::ViolationsOf(fields)[1].field == "count");
}

TEST_CASE("Unary_StatusWithoutReason_GetsOne_AndLosesItsMessage") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  core::SetLogSink([](std::string_view) {});
  const auto library = hub.Call("Open", "library", "").status();
  const auto unknown = hub.Call("Open", "unknown", "").status();
  core::SetLogSink(nullptr);
  CHECK(library.code() == absl::StatusCode::kNotFound);
  CHECK(core::ReasonOf(library) == errors::v1::REASON_NOT_FOUND);
  CHECK(std::string(library.message()).find("961") == std::string::npos);
  CHECK(unknown.code() == absl::StatusCode::kInternal);
  CHECK(core::ReasonOf(unknown) == errors::v1::REASON_BUG);
  CHECK(unknown.message() == "internal error");
  CHECK(hub.metrics.Exposition().find(
            "haven_rpc_statuses_without_reason_total{method=\"haven.rpctest.v1.TestService/Open\"} 2") !=
        std::string::npos);
}

TEST_CASE("Unary_HandlerThatThrows_IsACountedBug_WithNothingPrivate") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  std::string lines;
  core::SetLogSink([&](std::string_view line) { lines += line; });
  const auto status = hub.Call("Open", "throw", "").status();
  core::SetLogSink(nullptr);
  CHECK(status.code() == absl::StatusCode::kInternal);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_BUG);
  CHECK(status.message() == "internal error");
  CHECK(lines.find("call_failed") != std::string::npos);
  CHECK(lines.find("secret") == std::string::npos);
  CHECK(hub.metrics.Exposition().find("haven_rpc_bugs_total{method=\"haven.rpctest.v1.TestService/Open\"} 1") !=
        std::string::npos);
}

TEST_CASE("Unary_Deadline_ReachesTheHandler_CappedByTheServer") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology, [](ServerOptions& o) { o.max_deadline = seconds(20); });
  const int mine = hub.Call("Open", Text("deadline"), TestHub::Within(seconds(8)))->number();
  CHECK(mine > 4'000);
  CHECK(mine <= 8'500);  // gRPC rounds time-outs up when it sends them
  const int capped = hub.Call("Open", Text("deadline"), TestHub::Within(seconds(3600)))->number();
  CHECK(capped > 15'000);
  CHECK(capped <= 20'000);
}

TEST_CASE("Unary_DeadlinePasses_CallerIsToldAndHandlerSeesIt") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto status = hub.Call("Open", Text("hold"), TestHub::Within(milliseconds(100))).status();
  CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEADLINE_EXCEEDED);
  CHECK(hub.Eventually([&] { return hub.api.cancelled == hub.api.entered; }));
}

TEST_CASE("Unary_DeadlineAlreadyPassed_NeverEntersTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto status = hub.Call("Open", Text("x"), TestHub::Within(milliseconds(-5))).status();
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEADLINE_EXCEEDED);
  CHECK(hub.api.entered == 0);
}

async::Task<void> CallInto(std::shared_ptr<Channel> channel, TestRequest request, CallOptions options,
                           std::vector<absl::Status>* out) {
  auto response =
      co_await channel->Call<TestRequest, TestResponse>("haven.rpctest.v1.TestService/Open", request, options);
  out->push_back(response.status());
}

TEST_CASE("Unary_CallerCancelled_HandlerIsToldAndEndsInPeace") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  std::vector<absl::Status> out;
  async::TaskGroup group(hub.loop, "caller");
  group.Spawn(CallInto(hub.channel, Text("wait"), TestHub::Within(seconds(30)), &out));
  REQUIRE(hub.Eventually([&] { return hub.api.entered == 1; }));
  CHECK(hub.Run(group.Drain(core::Deadline::After(seconds(20)))));
  REQUIRE(out.size() == 1);
  CHECK(core::ReasonOf(out[0]) == errors::v1::REASON_CANCELLED);
  CHECK(hub.Eventually([&] { return hub.api.cancelled == 1; }));
}

TEST_CASE("Unary_TooManyCalls_AreRefusedWithARetryTime_BeforeTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology, [](ServerOptions& o) { o.max_unary_calls = 2; });
  std::vector<absl::Status> out;
  async::TaskGroup group(hub.loop, "callers");
  for (int i = 0; i < 2; ++i) group.Spawn(CallInto(hub.channel, Text("wait"), TestHub::Within(seconds(30)), &out));
  REQUIRE(hub.Eventually([&] { return hub.api.entered == 2; }));
  const auto status = hub.Call("Open", "one too many", "").status();
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_OVERLOADED);
  CHECK(core::RetryAfterOf(status) == milliseconds(1000));
  CHECK(hub.api.entered == 2);
  hub.OnLoop([&] { hub.api.release.Set(); });
  CHECK(hub.Eventually([&] { return out.size() == 2; }));
  CHECK((out[0].ok() && out[1].ok()));
  CHECK(hub.Eventually([&] { return group.active() == 0; }));
  CHECK(hub.Call("Open", "room again", "").ok());
}

TEST_CASE("Unary_OversizeMessage_IsRefused_BeforeTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology, [](ServerOptions& o) { o.max_message_bytes = 100'000; });
  // Above our bound and, ten times larger, above gRPC's.
  for (const std::size_t size : {110'000u, 1'100'000u}) {
    INFO(size);
    const auto status = hub.Call("Open", std::string(size, 'x'), "").status();
    CHECK(core::ReasonOf(status) == errors::v1::REASON_TOO_LARGE);
  }
  CHECK(hub.api.entered == 0);
  CHECK(hub.Call("Open", std::string(90'000, 'x'), "").ok());
}

TEST_CASE("Unary_MalformedBytes_AreRefused_BeforeTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  for (const std::string& bytes :
       {std::string("\xff\xff\xff"), std::string("\x0a\x05hi"), std::string("\x0a\x02\xc3\x28")}) {
    const auto status = hub.Raw("Open", bytes, TestHub::Within(seconds(30))).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(core::ReasonOf(status) == errors::v1::REASON_MALFORMED_BODY);
  }
  CHECK(hub.api.entered == 0);
}

TEST_CASE("Unary_UnknownMethod_IsToldSo") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto status = hub.Raw("Nothing", "", TestHub::Within(seconds(30))).status();
  CHECK(status.code() == absl::StatusCode::kUnimplemented);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_UNKNOWN_METHOD);
}

TEST_CASE("Unary_TraceAndMetadata_Propagate") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  auto options = TestHub::Within(seconds(30));
  options.trace = telemetry::TraceContext::Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  options.metadata.emplace_back("haven-source", "203.0.113.7");
  const auto traced = hub.Call("Open", Text("trace"), options);
  REQUIRE(traced.ok());
  CHECK(traced->text().substr(3, 32) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(traced->text().substr(36, 16) != "b7ad6b7169203331");
  CHECK(hub.Call("Open", Text("source"), options)->text() == "203.0.113.7");
  CHECK(hub.Call("Open", "source", "")->text() == "none");
}

TEST_CASE("Unary_Retry_OnlyWhenAskedFor_OnlyUnavailable") {
  TestHub hub(Topology::kUnix);
  hub.api.failures_left = 2;
  CHECK(core::ReasonOf(hub.Call("Open", "flaky", "").status()) == errors::v1::REASON_RESTORING);
  CHECK(hub.api.entered == 1);
  auto options = TestHub::Within(seconds(30));
  options.attempts = 4;
  CHECK(hub.Call("Open", Text("flaky"), options).ok());
  CHECK(hub.api.entered == 3);
  CHECK(core::ReasonOf(hub.Call("Open", Text("fail"), options).status()) == errors::v1::REASON_LOST_RACE);
  CHECK(hub.api.entered == 4);
}

TEST_CASE("Unary_NobodyListens_IsUnavailableAtOnce") {
  TestHub hub(Topology::kTcp);
  hub.server.reset();
  const auto status = hub.Call("Open", "x", "").status();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEPENDENCY_DOWN);
}

async::Task<void> DrainInto(Server* server, core::Deadline deadline, bool* done) {
  co_await server->Drain(deadline);
  *done = true;
}

TEST_CASE("Drain_LetsCallsEnd_RefusesNewOnes") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  std::vector<absl::Status> out;
  async::TaskGroup group(hub.loop, "caller");
  group.Spawn(CallInto(hub.channel, Text("wait"), TestHub::Within(seconds(30)), &out));
  REQUIRE(hub.Eventually([&] { return hub.api.entered == 1; }));
  bool drained = false;
  async::TaskGroup drainer(hub.loop, "drainer");
  drainer.Spawn(DrainInto(hub.server.get(), core::Deadline::After(seconds(20)), &drained));
  const auto refused = [&] { return !hub.Call("Open", "new", "").ok(); };
  bool saw_refusal = false;
  for (int i = 0; i < 1000 && !saw_refusal; ++i) saw_refusal = refused();
  CHECK(saw_refusal);
  CHECK_FALSE(drained);
  hub.OnLoop([&] { hub.api.release.Set(); });
  CHECK(hub.Eventually([&] { return drained && out.size() == 1; }));
  REQUIRE(out.size() == 1);
  CHECK(out[0].ok());
}

TEST_CASE("Drain_AtItsDeadline_CancelsWhatIsLeft") {
  TestHub hub(Topology::kUnix);
  std::vector<absl::Status> out;
  async::TaskGroup group(hub.loop, "caller");
  group.Spawn(CallInto(hub.channel, Text("wait"), TestHub::Within(seconds(30)), &out));
  REQUIRE(hub.Eventually([&] { return hub.api.entered == 1; }));
  bool drained = false;
  async::TaskGroup drainer(hub.loop, "drainer");
  drainer.Spawn(DrainInto(hub.server.get(), core::Deadline::After(milliseconds(20)), &drained));
  CHECK(hub.Eventually([&] { return hub.api.cancelled == 1 && out.size() == 1; }));
  hub.OnLoop([&] { hub.api.release.Set(); });
  CHECK(hub.Eventually([&] { return drained; }));
  CHECK_FALSE(out[0].ok());
}

}  // namespace
}  // namespace haven::rpc
