#include "libs/redis/redis.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/redis/test_loop.h"
#include "libs/testing/redis_fixture.h"

namespace haven::redis {
namespace {

using std::chrono::milliseconds;
using testing::RedisFixture;
using Argv = std::vector<std::string>;
using Reply = absl::StatusOr<Value>;

class Connections final : public Observer {
 public:
  void CommandDone(std::string_view command, absl::StatusCode, std::chrono::nanoseconds) override {
    last_command = command;
  }
  void Connected(std::string_view) override { ++connected; }
  void Disconnected(const absl::Status& status) override {
    ++disconnected;
    why = status;
  }
  int connected = 0;
  int disconnected = 0;
  absl::Status why;
  std::string last_command;
};

// A client on a loop; the server is the test's.
struct Setup {
  explicit Setup(std::string target, std::function<void(RedisOptions&)> change = {}) {
    RedisOptions options;
    options.target = std::move(target);
    options.observer = &seen;
    options.backoff_max = milliseconds(100);
    if (change) change(options);
    redis = Redis::Create(loop.executor(), options);
  }
  ~Setup() {
    // What Close lets go ends on the loop, and the client's own coroutine too.
    redis = nullptr;
    loop.Until([this] { return std::exchange(drained, true); });
  }
  Reply Do(Argv argv, core::Deadline deadline = Soon()) { return loop.Run(redis->Command(deadline, std::move(argv))); }
  auto Begin(Argv argv, core::Deadline deadline = Soon()) {
    return loop.Spawn(redis->Command(deadline, std::move(argv)));
  }
  void Connect() { REQUIRE(loop.Run(redis->WaitConnected(Soon())).ok()); }

  TestLoop loop;
  Connections seen;
  std::unique_ptr<Redis> redis;
  bool drained = false;
};

std::string Outcome(const absl::Status& status) {
  return core::MetadataOf(status, "outcome");
}

TEST_CASE("Command_RoundTrip_IsBinarySafe") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  const std::string binary("\0\r\n$5\xff", 6);
  CHECK(setup.Do({"SET", "key", binary})->text == "OK");
  CHECK(setup.Do({"GET", "key"})->text == binary);
  CHECK(setup.seen.last_command == "GET");
  CHECK(setup.Do({"GET", "absent"})->IsNil());
  CHECK(setup.Do({}).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Command_HundredsOfArguments") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  Argv argv{"RPUSH", "list"};
  for (int i = 0; i < 5'000; ++i) argv.push_back(std::to_string(i));
  CHECK(setup.Do(argv)->integer == 5'000);
  const auto all = setup.Do({"LRANGE", "list", "0", "-1"});
  REQUIRE(all->items.size() == 5'000);
  CHECK(all->items.back().text == "4999");
}

TEST_CASE("Command_TenThousandAtOnce_ShareWrites") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  std::vector<TestLoop::Result<Reply>> results;
  for (int i = 0; i < 10'000; ++i) results.push_back(setup.Begin({"INCR", "n"}));
  std::int64_t expected = 0;
  for (auto& result : results) CHECK(setup.loop.Await(result)->integer == ++expected);
  const auto stats = setup.redis->Stats();
  CHECK(stats.commands == 10'000);
  CHECK(stats.replies == 10'000);
  CHECK(stats.writes < 200);
  CHECK(stats.pending == 0);
}

TEST_CASE("Command_LargeValues_BothWays") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  std::string large(20 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31);
  CHECK(setup.Do({"SET", "large", large}).ok());
  auto after = setup.Begin({"GET", "large"});
  auto small = setup.Begin({"STRLEN", "large"});
  CHECK(setup.loop.Await(after)->text == large);
  CHECK(setup.loop.Await(small)->integer == 20 * 1024 * 1024);
}

TEST_CASE("Batch_KeepsOrder_AndErrorsInTheirPlace") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  std::vector<Argv> commands{{"SET", "a", "x"}, {"LPUSH", "a", "y"}, {"GET", "a"}};
  const auto replies = setup.loop.Run(setup.redis->Batch(Soon(), commands));
  REQUIRE(replies.ok());
  REQUIRE(replies->size() == 3);
  CHECK((*replies)[0].text == "OK");
  CHECK((*replies)[1].IsError());
  CHECK((*replies)[2].text == "x");
  CHECK(setup.loop.Run(setup.redis->Batch(Soon(), {}))->empty());
}

TEST_CASE("Eval_UnknownScript_IsLoadedAndRun") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  const Script script("add", "return add(KEYS[1], ARGV[1])",
                      "local function add(key, by)\n  return redis.call('INCRBY', key, by)\nend");
  CHECK(setup.loop.Run(setup.redis->Eval(Soon(), script, {"n"}, {"2"}))->integer == 2);
  CHECK(server.Cli({"SCRIPT", "FLUSH"}) == "OK");
  CHECK(setup.loop.Run(setup.redis->Eval(Soon(), script, {"n"}, {"3"}))->integer == 5);
  CHECK(setup.seen.last_command == "add");
  CHECK(server.Cli({"SCRIPT", "EXISTS", script.sha1()}) == "1");
}

TEST_CASE("Eval_Error_NamesScriptAndLine") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  const Script script("broken", "local a = 1\nreturn a.b.c", "local x = 1\n");
  const auto reply = setup.loop.Run(setup.redis->Eval(Soon(), script, {}, {}));
  CHECK(reply.status().code() == absl::StatusCode::kInternal);
  CHECK(std::string(reply.status().message()).find("broken:2: attempt to index") != std::string::npos);
  const Script mistake("mistake", "retrun 1");
  CHECK(setup.loop.Run(setup.redis->Eval(Soon(), mistake, {}, {})).status().code() == absl::StatusCode::kInternal);
}

TEST_CASE("Connect_LoadsRegisteredScripts_BeforeAnyCommand") {
  RedisFixture server;
  Setup setup(server.target());
  const Script script("one", "return 1");
  setup.redis->Register(script);
  setup.Connect();
  CHECK(server.Cli({"SCRIPT", "EXISTS", script.sha1()}) == "1");
}

TEST_CASE("Deadline_CallerIsFreed_LateReplyIsDiscarded") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  auto slow = setup.Begin({"DEBUG", "SLEEP", "0.5"}, In(milliseconds(150)));
  auto next = setup.Begin({"ECHO", "mine"});
  const auto timed_out = setup.loop.Await(slow);
  CHECK(timed_out.status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(core::ReasonOf(timed_out.status()) == errors::v1::REASON_DEADLINE_EXCEEDED);
  CHECK(Outcome(timed_out.status()) == "unknown");
  CHECK(setup.loop.Await(next)->text == "mine");
  CHECK(setup.redis->Stats().late_replies == 1);
  CHECK(setup.redis->Stats().timeouts == 1);
}

TEST_CASE("Deadline_AlreadyPast_NothingIsSent") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  const auto reply = setup.Do({"SET", "a", "1"}, In(milliseconds(-1)));
  CHECK(reply.status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(Outcome(reply.status()) == "none");
  CHECK_FALSE(PerhapsExecuted(reply.status()));
  CHECK(server.Cli({"EXISTS", "a"}) == "0");
}

TEST_CASE("Overload_PendingIsBounded_AndRecovers") {
  RedisFixture server;
  Setup setup(server.target(), [](RedisOptions& o) { o.max_pending = 10; });
  setup.Connect();
  server.Freeze();
  std::vector<TestLoop::Result<Reply>> accepted;
  for (int i = 0; i < 10; ++i) accepted.push_back(setup.Begin({"INCR", "n"}));
  const auto refused = setup.Do({"INCR", "n"});
  CHECK(refused.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(core::ReasonOf(refused.status()) == errors::v1::REASON_OVERLOADED);
  CHECK_FALSE(PerhapsExecuted(refused.status()));
  server.Thaw();
  for (auto& result : accepted) CHECK(setup.loop.Await(result).ok());
  CHECK(setup.Do({"GET", "n"})->text == "10");
}

TEST_CASE("Overload_UnsentBytesAreBounded") {
  RedisFixture server;
  Setup setup(server.target(), [](RedisOptions& o) { o.max_unsent_bytes = 4 * 1024 * 1024; });
  setup.Connect();
  server.Freeze();
  const std::string value(1024 * 1024, 'v');
  std::vector<TestLoop::Result<Reply>> accepted;
  bool refused = false;
  for (int i = 0; i < 20 && !refused; ++i) {
    auto result = setup.Begin({"SET", "k" + std::to_string(i), value});
    const auto tried = static_cast<std::uint64_t>(i) + 1;
    setup.loop.Until([&] { return setup.redis->Stats().commands + setup.redis->Stats().refused == tried; });
    refused = setup.redis->Stats().refused == 1;
    if (refused) CHECK(setup.loop.Await(result).status().code() == absl::StatusCode::kResourceExhausted);
    if (!refused) accepted.push_back(std::move(result));
  }
  CHECK(refused);
  CHECK(accepted.size() >= 4);
  server.Thaw();
  for (auto& result : accepted) CHECK(setup.loop.Await(result).ok());
}

TEST_CASE("Down_FailsFast_OrWaits_AsConfigured") {
  RedisFixture server;
  server.Stop();
  Setup fast(server.target());
  const auto refused = fast.Do({"PING"});
  CHECK(refused.status().code() == absl::StatusCode::kUnavailable);
  CHECK(core::ReasonOf(refused.status()) == errors::v1::REASON_DEPENDENCY_DOWN);
  CHECK(Outcome(refused.status()) == "none");
  CHECK(fast.loop.Run(fast.redis->WaitConnected(In(milliseconds(20)))).code() == absl::StatusCode::kDeadlineExceeded);

  Setup patient(server.target(), [](RedisOptions& o) { o.wait_while_down = true; });
  const auto expired = patient.Do({"SET", "late", "1"}, In(milliseconds(20)));
  CHECK(expired.status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(Outcome(expired.status()) == "none");
  auto first = patient.Begin({"SET", "key", "1"});
  std::vector<Argv> two{{"INCR", "key"}, {"INCR", "key"}};
  auto batch = patient.loop.Spawn(patient.redis->Batch(Soon(), two));
  CHECK(patient.loop.Until([&] { return patient.redis->Stats().pending == 3; }));
  server.Start();
  CHECK(patient.loop.Await(first)->text == "OK");
  CHECK(patient.loop.Await(batch)->back().integer == 3);
  CHECK(server.Cli({"EXISTS", "late"}) == "0");
}

TEST_CASE("Reconnect_AfterKill9UnderLoad_CountsAgree") {
  RedisFixture server({.aof = true, .tcp = false, .args = {"--appendfsync", "always"}});
  Setup setup(server.target());
  setup.Connect();
  std::int64_t acknowledged = 0, unknown = 0, none = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<TestLoop::Result<Reply>> results;
    for (int i = 0; i < 2'000; ++i) results.push_back(setup.Begin({"INCR", "n"}));
    setup.loop.Until([&] { return results[300]->has_value(); });
    server.Kill9();
    for (auto& result : results) {
      const auto reply = setup.loop.Await(result);
      if (reply.ok()) {
        ++acknowledged;
        continue;
      }
      REQUIRE(reply.status().code() == absl::StatusCode::kUnavailable);
      Outcome(reply.status()) == "none" ? ++none : ++unknown;
    }
    // All may have been answered before the kill, which nobody but the connection then sees.
    CHECK(setup.loop.Until([&] { return setup.seen.disconnected == round + 1; }));
    server.Start();
    setup.Connect();
  }
  const auto counted = std::stoll(setup.Do({"GET", "n"})->text);
  CHECK(acknowledged >= 900);
  CHECK(counted >= acknowledged);
  CHECK(counted <= acknowledged + unknown);
  CHECK(setup.redis->Stats().connects == 4);
  CHECK(setup.redis->Stats().pending == 0);
}

TEST_CASE("Lost_UnwrittenCommandsWereNotExecuted") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  server.Freeze();
  auto written = setup.Begin({"INCR", "n"});
  setup.loop.Until([&] { return setup.redis->Stats().writes > 0; });
  auto partly = setup.Begin({"SET", "large", std::string(8 * 1024 * 1024, 'x')});
  auto behind = setup.Begin({"INCR", "n"});
  setup.loop.Until([&] { return setup.redis->Stats().commands == 3 && setup.redis->Stats().writes > 2; });
  server.Kill9();
  CHECK(Outcome(setup.loop.Await(written).status()) == "unknown");
  CHECK(Outcome(setup.loop.Await(partly).status()) == "none");
  CHECK(Outcome(setup.loop.Await(behind).status()) == "none");
}

TEST_CASE("Restart_WithEmptyServer_IsSeenByRunId") {
  RedisFixture server;
  Setup setup(server.target());
  std::vector<ConnectInfo> connects;
  setup.redis->OnConnect([&](const ConnectInfo& info) {
    CHECK(setup.redis->Connected());
    connects.push_back(info);
  });
  setup.Connect();
  const Script script("one", "return 1");
  CHECK(setup.loop.Run(setup.redis->Eval(Soon(), script, {}, {})).ok());
  CHECK(setup.Do({"SET", "key", "1"}).ok());
  const auto before = setup.redis->run_id();
  CHECK(before.size() == 40);
  server.StartEmpty();
  REQUIRE(setup.loop.Until([&] { return connects.size() == 2; }));
  CHECK(connects[0].previous_run_id.empty());
  CHECK(connects[1].previous_run_id == before);
  CHECK(connects[1].changed());
  CHECK(setup.redis->run_id() == connects[1].run_id);
  CHECK(setup.Do({"GET", "key"})->IsNil());
  CHECK(server.Cli({"SCRIPT", "EXISTS", script.sha1()}) == "1");
  bool at_once = false;
  setup.redis->OnConnect([&](const ConnectInfo& info) { at_once = info.run_id == connects[1].run_id; });
  CHECK(at_once);
}

TEST_CASE("Stall_SilentServer_IsGivenUp") {
  RedisFixture server;
  Setup setup(server.target(), [](RedisOptions& o) { o.stall_timeout = milliseconds(400); });
  setup.Connect();
  server.Freeze();
  const auto reply = setup.Do({"INCR", "n"});
  CHECK(reply.status().code() == absl::StatusCode::kUnavailable);
  CHECK(Outcome(reply.status()) == "unknown");
  server.Thaw();
  setup.Connect();
  CHECK(setup.Do({"PING"})->text == "PONG");
}

TEST_CASE("Stall_IdleConnection_IsPinged") {
  RedisFixture server;
  Setup setup(server.target(), [](RedisOptions& o) { o.stall_timeout = milliseconds(400); });
  setup.Connect();
  CHECK(setup.loop.Until([&] { return setup.redis->Stats().replies >= 2; }));
  CHECK(setup.seen.disconnected == 0);
  server.Freeze();
  CHECK(setup.loop.Until([&] { return setup.seen.disconnected > 0; }));
  CHECK_FALSE(setup.redis->Connected());
  server.Thaw();
}

TEST_CASE("Auth_UserPasswordAndDatabase") {
  RedisFixture server({.aof = false,
                       .tcp = false,
                       .args = {"--requirepass", "owner-secret", "--user", "hub", "on", ">hub-secret", "~*", "+@all"}});
  Setup owner(server.target(), [](RedisOptions& o) {
    o.password = "owner-secret";
    o.db = 3;
    o.client_name = "haven";
  });
  owner.Connect();
  CHECK(owner.Do({"CLIENT", "GETNAME"})->text == "haven");
  CHECK(owner.Do({"CLIENT", "INFO"})->text.find(" db=3 ") != std::string::npos);
  Setup user(server.target(), [](RedisOptions& o) {
    o.user = "hub";
    o.password = "hub-secret";
  });
  user.Connect();
  CHECK(user.Do({"ACL", "WHOAMI"})->text == "hub");
  Setup wrong(server.target(), [](RedisOptions& o) { o.password = "wrong-secret"; });
  CHECK(wrong.loop.Until([&] { return wrong.seen.disconnected > 1; }));
  CHECK_FALSE(wrong.redis->Connected());
  CHECK(std::string(wrong.seen.why.message()).find("WRONGPASS") != std::string::npos);
  CHECK(std::string(wrong.seen.why.message()).find("secret") == std::string::npos);
}

TEST_CASE("ErrorReplies_OomReadonlyAndWrongType") {
  RedisFixture server({.aof = false, .tcp = false, .args = {"--maxmemory", "3mb"}});
  Setup setup(server.target());
  setup.Connect();
  CHECK(setup.Do({"SET", "text", "x"}).ok());
  const auto wrong = setup.Do({"LPUSH", "text", "y"});
  CHECK(wrong.status().code() == absl::StatusCode::kInternal);
  CHECK(RedisErrorOf(wrong.status()) == "WRONGTYPE");
  Reply full = Value();
  for (int i = 0; i < 100 && full.ok(); ++i)
    full = setup.Do({"SET", "fill" + std::to_string(i), std::string(100'000, 'x')});
  CHECK(full.status().code() == absl::StatusCode::kResourceExhausted);
  // A master that has become a replica is left: the address may lead to the new master.
  CHECK(server.Cli({"REPLICAOF", "127.0.0.1", "1"}) == "OK");
  const auto readonly = setup.Do({"SET", "text", "y"});
  CHECK(readonly.status().code() == absl::StatusCode::kUnavailable);
  CHECK(setup.loop.Until([&] { return setup.seen.connected == 2; }));
}

TEST_CASE("Close_EndsWhatWaits_AndRefusesTheRest") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  server.Freeze();
  auto waiting = setup.Begin({"INCR", "n"});
  setup.loop.Until([&] { return setup.redis->Stats().writes > 0; });
  setup.redis->Close();
  setup.redis->Close();
  CHECK(Outcome(setup.loop.Await(waiting).status()) == "unknown");
  CHECK(setup.Do({"PING"}).status().code() == absl::StatusCode::kUnavailable);
  CHECK(setup.loop.Run(setup.redis->WaitConnected(Soon())).code() == absl::StatusCode::kUnavailable);
}

async::Task<bool> DestroyAfterReply(std::unique_ptr<Redis>* redis) {
  std::vector<std::string> ping{"PING"};
  const auto reply = co_await (*redis)->Command(Soon(), ping);
  *redis = nullptr;
  co_return reply.ok();
}

TEST_CASE("Destroy_FromAResumedCoroutine_FailsTheOthersCleanly") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  std::vector<TestLoop::Result<Reply>> others;
  for (int i = 0; i < 5; ++i) others.push_back(setup.Begin({"INCR", "n"}));
  auto destroyed = setup.loop.Spawn(DestroyAfterReply(&setup.redis));
  auto late = setup.Begin({"BLPOP", "nothing", "0"});
  CHECK(setup.loop.Await(destroyed));
  for (auto& other : others) CHECK(setup.loop.Await(other).ok());
  CHECK(Outcome(setup.loop.Await(late).status()) == "unknown");
}

TEST_CASE("Destroy_WithSuspendedCoroutines_LeaksNothing") {
  RedisFixture server;
  TestLoop::Result<Reply> never;
  {
    TestLoop loop;
    RedisOptions options;
    options.target = server.target();
    const auto redis = Redis::Create(loop.executor(), options);
    REQUIRE(loop.Run(redis->WaitConnected(Soon())).ok());
    server.Freeze();
    never = loop.Spawn(redis->Command(Soon(), {"INCR", "n"}));
    loop.Until([&] { return redis->Stats().writes > 0; });
  }
  CHECK_FALSE(never->has_value());
}

async::Task<bool> Throws(Redis* redis) {
  std::vector<std::string> ping{"PING"};
  (void)co_await redis->Command(Soon(), ping);
  throw std::runtime_error("a caller's mistake");
}

TEST_CASE("CallersException_LeavesTheConnectionAlone") {
  RedisFixture server;
  Setup setup(server.target());
  setup.Connect();
  CHECK_THROWS_WITH(setup.loop.Run(Throws(setup.redis.get())), "a caller's mistake");
  CHECK(setup.Do({"PING"})->text == "PONG");
  CHECK(setup.redis->Stats().connects == 1);
}

TEST_CASE("Tcp_ByAddressAndByName") {
  RedisFixture server({.aof = false, .tcp = true, .args = {}});
  Setup address(server.tcp_target());
  address.Connect();
  Setup name("localhost:" + std::to_string(server.port()));
  name.Connect();
  CHECK(name.Do({"PING"})->text == "PONG");
}

TEST_CASE("Sentinel_FailOver_IsFollowed") {
  testing::SentinelFixture sentinel;
  Setup setup(sentinel.target(), [](RedisOptions& o) { o.backoff_max = milliseconds(50); });
  setup.Connect();
  CHECK(setup.Do({"SET", "key", "1"}).ok());
  CHECK(setup.Do({"WAIT", "1", "5000"})->integer == 1);
  const auto before = setup.redis->run_id();
  sentinel.first().Kill9();
  REQUIRE(setup.loop.Until([&] { return setup.seen.connected == 2; }));
  CHECK(setup.redis->run_id() != before);
  CHECK(setup.Do({"GET", "key"})->text == "1");
  CHECK(setup.Do({"SET", "key", "2"}).ok());
  CHECK(sentinel.second().Cli({"GET", "key"}) == "2");
}

TEST_CASE("Create_BadTarget_IsNull") {
  TestLoop loop;
  RedisOptions options;
  options.target = "nonsense";
  CHECK(Redis::Create(loop.executor(), options) == nullptr);
}

}  // namespace
}  // namespace haven::redis
