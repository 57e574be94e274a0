#include "libs/core/log.h"

#include <catch2/catch.hpp>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::core {
namespace {

struct AgentTag {};

struct Captured {
  Captured() {
    SetLogClock(&clock);
    SetLogSink([this](std::string_view line) { lines.emplace_back(line); });
  }
  ~Captured() {
    SetLogSink(nullptr);
    SetLogClock(nullptr);
    SetLogLevel(LogLevel::kInfo);
  }
  ManualClock clock{absl::FromUnixMillis(1'700'000'000'123)};
  std::vector<std::string> lines;
  Logger log{"routing"};
};

TEST_CASE_METHOD(Captured, "Log_OneJsonObjectALine") {
  const Id<AgentTag> agent("a-1");
  log.WithTrace("0af7").Info("offered", {{"agent", agent},
                                         {"tries", 3},
                                         {"blended", true},
                                         {"waited_ms", std::chrono::microseconds(1500)},
                                         {"lane", "voice"},
                                         {"path", PlainText{"/tmp/\"x\"\n"}}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        R"({"time":"2023-11-14T22:13:20.123Z","level":"info","service":"routing","event":"offered","trace":"0af7",)"
        R"("agent":"a-1","tries":3,"blended":true,"waited_ms":1.5,"lane":"voice","path":"/tmp/\"x\"\u000a"})"
        "\n");
}

TEST_CASE_METHOD(Captured, "Log_StatusOfALibrary_ShowsNoMessage") {
  log.Error("failed", {{"error", absl::InternalError("Key (phone)=(+961 70 123456) exists")}});
  log.Error("failed", {{"error", MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE, "epoch moved")}});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("961") == std::string::npos);
  CHECK(lines[0].find(R"("error":{"code":"INTERNAL"})") != std::string::npos);
  CHECK(lines[1].find(R"({"code":"ABORTED","reason":"REASON_LOST_RACE","message":"epoch moved"})") !=
        std::string::npos);
}

TEST_CASE_METHOD(Captured, "Log_Repeats_AreHeldBackAndCounted") {
  for (int i = 0; i < 50; ++i) log.Warning("flood");
  CHECK(lines.size() == 20);
  log.Warning("other");
  CHECK(lines.size() == 21);
  clock.Advance(absl::Seconds(11));
  log.Warning("flood");
  REQUIRE(lines.size() == 22);
  CHECK(lines.back().find(R"("held_back":30)") != std::string::npos);
  log.Warning("flood");
  CHECK(lines.back().find("held_back") == std::string::npos);
}

TEST_CASE_METHOD(Captured, "Log_BelowLevel_IsNotWritten") {
  log.Debug("detail");
  CHECK(lines.empty());
  LogLevel level;
  REQUIRE(ParseLogLevel("debug", &level));
  SetLogLevel(level);
  log.Debug("detail");
  CHECK(lines.size() == 1);
  CHECK_FALSE(ParseLogLevel("loud", &level));
}

TEST_CASE_METHOD(Captured, "Log_BytesOutsideAscii_CannotForgeALine") {
  log.Info("x", {{"text", PlainText{"a\xe2\x80\xae\r\n{\"forged\":1}"}}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find('\n') == lines[0].size() - 1);
  CHECK(lines[0].find("???") != std::string::npos);
}

}  // namespace
}  // namespace haven::core
