// The parts of the client that need no server: targets, errors, scripts, pending replies, back-off.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/redis/backoff.h"
#include "libs/redis/errors.h"
#include "libs/redis/pending.h"
#include "libs/redis/script.h"
#include "libs/redis/target.h"

namespace haven::redis {
namespace {

using std::chrono::milliseconds;

TEST_CASE("ParseTarget_Forms") {
  CHECK(ParseTarget("unix:/run/redis.sock")->server.path == "/run/redis.sock");
  CHECK(ParseTarget("redis.example:6379")->server == Address{"", "redis.example", 6379});
  CHECK(ParseTarget("[::1]:6380")->server == Address{"", "::1", 6380});
  const auto target = ParseTarget("sentinel:a:26379,[::2]:26380/haven");
  REQUIRE(target.ok());
  CHECK(target->master == "haven");
  REQUIRE(target->sentinels.size() == 2);
  CHECK(target->sentinels[1] == Address{"", "::2", 26380});
}

TEST_CASE("ParseTarget_RefusesTheRest") {
  for (const std::string text :
       {"", "unix:", "redis", ":6379", "redis:", "redis:0", "redis:65536", "redis:63x", "::1:6379", "[]:1", "[::1:6379",
        "sentinel:a:1", "sentinel:a:1/", "sentinel:/haven", "sentinel:a:1,/haven"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTarget(text).ok());
    CHECK(ValidateTarget(text).code() == absl::StatusCode::kInvalidArgument);
  }
  CHECK_FALSE(ParseTarget("unix:/" + std::string(200, 'x')).ok());
}

TEST_CASE("FromErrorReply_MapsToWhatTheCallerCanDo") {
  const auto loading = FromErrorReply("LOADING Redis is loading the dataset in memory");
  CHECK(loading.code() == absl::StatusCode::kUnavailable);
  CHECK(core::ReasonOf(loading) == errors::v1::REASON_DEPENDENCY_DOWN);
  CHECK(RedisErrorOf(loading) == "LOADING");
  CHECK_FALSE(PerhapsExecuted(loading));
  CHECK(FromErrorReply("READONLY You can't write").code() == absl::StatusCode::kUnavailable);
  CHECK(FromErrorReply("NOAUTH Authentication required.").code() == absl::StatusCode::kUnavailable);
  const auto memory = FromErrorReply("OOM command not allowed");
  CHECK(memory.code() == absl::StatusCode::kResourceExhausted);
  CHECK(core::ReasonOf(memory) == errors::v1::REASON_OVERLOADED);
  CHECK_FALSE(PerhapsExecuted(memory));
  const auto bug = FromErrorReply("WRONGTYPE Operation against a key");
  CHECK(bug.code() == absl::StatusCode::kInternal);
  CHECK(core::ReasonOf(bug) == errors::v1::REASON_BUG);
  CHECK(RedisErrorOf(bug) == "WRONGTYPE");
}

TEST_CASE("FromErrorReply_HidesArguments") {
  const auto status = FromErrorReply("ERR unknown command 'AUHT', with args beginning with: 'secret' ");
  CHECK(std::string(status.message()).find("secret") == std::string::npos);
  CHECK(std::string(status.message()).find("AUHT") != std::string::npos);
}

TEST_CASE("FromErrorReply_NamesTheScriptsOwnLine") {
  const auto text = "ERR user_script:12: attempt to index a nil value script: abc, on @user_script:3.";
  const auto status = FromErrorReply(text, "enqueue", 10);
  CHECK(std::string(status.message()) ==
        "ERR enqueue:2: attempt to index a nil value script: abc, on @enqueue:prelude 3.");
  CHECK(PerhapsExecuted(status));
}

TEST_CASE("Script_PreludeStandsBefore_AndSha1IsRediss") {
  const Script plain("one", "return 1");
  CHECK(plain.sha1() == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  const Script with("two", "return f()", "local function f()\n  return 2\nend");
  CHECK(with.text() == "local function f()\n  return 2\nend\nreturn f()");
  CHECK(with.prelude_lines() == 3);
}

TEST_CASE("PendingReplies_BatchExpiresWhole_AndItsRepliesAreDropped") {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Value> two(2), one(1);
  Waiter batch(two, core::Deadline::At(now + milliseconds(5)));
  Waiter single(one, core::Deadline::At(now + milliseconds(50)));
  PendingReplies replies;
  replies.Push(&batch, now);
  replies.Push(&single, now);
  Value value;
  CHECK(replies.Take(value).wanted);  // half of the batch
  std::vector<Waiter*> ended;
  CHECK(replies.Expire(now + milliseconds(5), ended) == now + milliseconds(50));
  CHECK(ended == std::vector<Waiter*>{&batch});
  CHECK_FALSE(replies.Take(value).wanted);
  value.type = Value::Type::kInteger;
  value.integer = 7;
  CHECK(replies.Take(value).complete == &single);
  CHECK(one[0].integer == 7);
  CHECK(replies.empty());
}

TEST_CASE("PendingReplies_Drop_GivesEachWaiterOnce") {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Value> three(3), one(1);
  Waiter batch(three, core::Deadline::At(now));
  Waiter single(one, core::Deadline::At(now));
  PendingReplies replies;
  replies.Push(&batch, now);
  replies.Push(nullptr, now);
  replies.Push(&single, now);
  std::vector<Waiter*> ended;
  replies.Drop(ended);
  CHECK(ended == std::vector<Waiter*>{&batch, &single});
  CHECK(replies.empty());
}

TEST_CASE("Backoff_DoublesToItsBound_WithJitterOfHalf") {
  RedisOptions options;
  options.backoff_min = milliseconds(100);
  options.backoff_max = milliseconds(350);
  Backoff backoff(options);
  for (const auto expected : {100, 200, 350, 350}) {
    const auto wait = backoff.Next();
    CHECK(wait >= milliseconds(expected) / 2);
    CHECK(wait <= milliseconds(expected));
  }
  backoff.Reset();
  CHECK(backoff.Next() <= milliseconds(100));
}

}  // namespace
}  // namespace haven::redis
