// What an empty call costs: rpc_bench [seconds] [in flight]. The server is a process of its own, except in-process.
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "libs/async/block_on.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "rpc_test.pb.h"

namespace haven::rpc {
namespace {

using rpctest::v1::TestRequest;
using rpctest::v1::TestResponse;
using Clock = std::chrono::steady_clock;

async::Task<absl::StatusOr<TestResponse>> Echo(CallPtr, TestRequest request) {
  TestResponse response;
  response.set_text(std::move(*request.mutable_text()));
  co_return response;
}

double CpuOf(pid_t pid) {
  clockid_t id;
  timespec t{};
  if (pid == 0) {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  } else if (clock_getcpuclockid(pid, &id) == 0) {
    clock_gettime(id, &t);
  }
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Run {
  Clock::time_point until;
  long calls = 0;
  long failed = 0;
  std::vector<double> millis;
};

async::Task<void> Caller(std::shared_ptr<Channel> channel, std::string token, Run* run) {
  TestRequest request;
  request.set_text("hello");
  while (Clock::now() < run->until) {
    CallOptions options(core::Deadline::After(std::chrono::seconds(10)));
    options.token = token;
    const auto begun = Clock::now();
    auto response = co_await channel->Call<TestRequest, TestResponse>("haven.rpctest.v1.TestService/Internal", request,
                                                                      std::move(options));
    ++run->calls;
    run->failed += response.ok() ? 0 : 1;
    run->millis.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  }
}

async::Task<void> UntilIdle(async::TaskGroup* group) {
  while (group->active() > 0) co_await async::Sleep(std::chrono::milliseconds(5));
}

struct Keys {
  crypto::SigningKey key = *crypto::SigningKey::FromSeed(std::string(32, 'k'));
  std::string Token() const {
    Identity identity;
    identity.kind = IdentityKind::kService;
    identity.subject = "bench";
    identity.expires = absl::Now() + absl::Minutes(30);
    return *NewTokenIssuer(key, KeyUse::kServices, "hub", core::SystemClock())->Issue(identity);
  }
  std::unique_ptr<TokenVerifier> Verifier() const {
    std::vector<TrustedKey> trusted;
    trusted.push_back({key.public_key(), KeyUse::kServices});
    return NewTokenVerifier(std::move(trusted), "hub", core::SystemClock());
  }
};

struct Serving {
  Serving(async::Loop& loop, const Keys& keys) : verifier(keys.Verifier()) {
    registry.Unary("haven.rpctest.v1.TestService/Internal", UnaryHandler<TestRequest, TestResponse>(Echo));
    ServerOptions options;
    options.tokens = verifier.get();
    options.metrics = &metrics;
    server = std::make_unique<Server>(loop, registry, options);
  }
  telemetry::Metrics metrics;
  std::unique_ptr<TokenVerifier> verifier;
  Registry registry;
  std::unique_ptr<Server> server;
};

void Measure(const char* name, async::Loop& loop, std::shared_ptr<Channel> channel, const Keys& keys, pid_t server,
             int seconds, int in_flight) {
  const std::string token = keys.Token();
  for (const bool warm_up : {true, false}) {
    Run run;
    run.until = Clock::now() + (warm_up ? std::chrono::milliseconds(500) : std::chrono::milliseconds(1000 * seconds));
    const auto begun = Clock::now();
    const double server_before = CpuOf(server);
    const double own_before = CpuOf(0);
    async::TaskGroup group(loop, "callers");
    for (int i = 0; i < in_flight; ++i) group.Spawn(Caller(channel, token, &run));
    async::BlockOn(loop, UntilIdle(&group));
    const double wall = std::chrono::duration<double>(Clock::now() - begun).count();
    const double calls = static_cast<double>(run.calls);
    const double own = 1e6 * (CpuOf(0) - own_before) / calls;
    const double served = 1e6 * (CpuOf(server) - server_before) / calls;
    if (warm_up) continue;
    std::sort(run.millis.begin(), run.millis.end());
    std::printf(
        "%-12s in flight %3d  %8.0f /s  server_cpu_us %6.1f  client_cpu_us %6.1f  p50_ms %6.3f  p99_ms %6.3f  failed "
        "%ld\n",
        name, in_flight, calls / wall, server == 0 ? own : served, server == 0 ? 0.0 : own,
        run.millis[run.millis.size() / 2], run.millis[run.millis.size() * 99 / 100], run.failed);
    std::fflush(stdout);
  }
}

// Serves until the parent closes the pipe.
[[noreturn]] void Serve(int ready, int ends, const std::string& path) {
  const Keys keys;
  async::Loop loop;
  loop.Start();
  Serving serving(loop, keys);
  const bool added = serving.server->AddUnix(path).ok() && serving.server->AddTcp("127.0.0.1:0").ok();
  const int port = added && serving.server->Start().ok() ? serving.server->port() : 0;
  if (::write(ready, &port, sizeof port) != sizeof port) _exit(1);
  char byte;
  while (::read(ends, &byte, 1) > 0) {
  }
  serving.server.reset();
  _exit(0);
}

int Main(int seconds, int in_flight) {
  int ready[2];
  int ends[2];
  if (::pipe(ready) != 0 || ::pipe(ends) != 0) return 1;
  const std::string path = "/tmp/haven-rpc-bench-" + std::to_string(::getpid());
  const pid_t child = ::fork();  // before gRPC has begun
  if (child == 0) {
    ::close(ends[1]);
    Serve(ready[1], ends[0], path);
  }
  int port = 0;
  if (::read(ready[0], &port, sizeof port) != sizeof port || port == 0) return 1;
  const Keys keys;
  async::Loop loop;
  loop.Start();
  for (const int flying : {1, in_flight}) {
    {
      Serving serving(loop, keys);
      if (!serving.server->Start().ok()) return 1;
      Measure("in-process", loop, serving.server->InProcess(), keys, 0, seconds, flying);
    }
    Measure("unix", loop, Channel::Connect(loop, "unix:" + path, {}), keys, child, seconds, flying);
    Measure("tcp", loop, Channel::Connect(loop, "127.0.0.1:" + std::to_string(port), {}), keys, child, seconds, flying);
  }
  ::close(ends[1]);
  ::waitpid(child, nullptr, 0);
  ::unlink(path.c_str());
  return 0;
}

}  // namespace
}  // namespace haven::rpc

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  return haven::rpc::Main(argc > 1 ? std::atoi(argv[1]) : 3, argc > 2 ? std::atoi(argv[2]) : 64);
}
