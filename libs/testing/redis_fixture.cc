#include "libs/testing/redis_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace haven::testing {
namespace {

namespace fs = std::filesystem;
constexpr auto kStartLimit = std::chrono::seconds(30);

// Tries until `done`; false at the limit. Servers have no other sign of being ready than that they answer.
bool Until(const std::function<bool()>& done) {
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

// Under /tmp and not TMPDIR: a socket's path has room for 107 characters.
std::string MakeFolder() {
  char name[] = "/tmp/haven-redis-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp failed");
  return name;
}

std::uint16_t FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool ok = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!ok) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

// One child process, killed with this object and by the kernel when the thread that started it ends.
class Process {
 public:
  Process() = default;
  ~Process() { Signal(SIGKILL); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Start(const std::vector<std::string>& command, const std::string& log) {
    std::vector<std::string> argv{"setpriv", "--pdeathsig", "KILL", "--"};
    argv.insert(argv.end(), command.begin(), command.end());
    std::vector<char*> raw;
    for (auto& arg : argv) raw.push_back(arg.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int error = ::posix_spawnp(&pid_, raw[0], &actions, nullptr, raw.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      pid_ = 0;
      throw std::runtime_error("cannot start " + command.front());
    }
  }

  bool Running() {
    if (pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ != 0;
  }
  // SIGTERM and SIGKILL: returns when it has gone.
  void Signal(int signal) {
    if (!Running()) return;
    ::kill(pid_, signal);
    if (signal != SIGTERM && signal != SIGKILL) return;
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

using ContextPtr = std::unique_ptr<redisContext, decltype(&redisFree)>;
using ReplyPtr = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

std::string Tell(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return {};
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::string out;
      for (std::size_t i = 0; i < reply.elements; ++i) out += (i == 0 ? "" : "\n") + Tell(*reply.element[i]);
      return out;
    }
    default:
      return std::string(reply.str, reply.len);
  }
}

std::string Ask(ContextPtr context, const std::vector<std::string>& argv) {
  if (!context || context->err != 0) return "not connected";
  std::vector<const char*> raw;
  std::vector<std::size_t> sizes;
  for (const auto& arg : argv) {
    raw.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  const ReplyPtr reply(
      static_cast<redisReply*>(redisCommandArgv(context.get(), static_cast<int>(raw.size()), raw.data(), sizes.data())),
      &freeReplyObject);
  return reply ? Tell(*reply) : "connection lost";
}

std::string AskPort(std::uint16_t port, const std::vector<std::string>& argv) {
  return Ask(ContextPtr(redisConnect("127.0.0.1", port), &redisFree), argv);
}

}  // namespace

struct RedisFixture::State {
  RedisFixtureOptions options;
  std::string folder = MakeFolder();
  std::string socket = folder + "/redis.sock";
  std::string data = folder + "/data";
  std::string log = folder + "/log";
  std::uint16_t port = 0;
  Process process;

  std::vector<std::string> Command() const {
    std::vector<std::string> command{"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1",
                                     "--unixsocket", socket};
    command.insert(command.end(), {"--dir", data, "--save", "", "--appendonly", options.aof ? "yes" : "no"});
    command.insert(command.end(), {"--daemonize", "no", "--loglevel", "notice", "--enable-debug-command", "yes"});
    command.insert(command.end(), options.args.begin(), options.args.end());
    return command;
  }
  // False if it ended instead: the free port was taken by somebody else.
  bool TryStart() {
    fs::create_directories(data);
    fs::remove(socket);
    process.Start(Command(), log);
    return Until([this] {
             if (!process.Running()) return true;
             const auto answer = Ask(ContextPtr(redisConnectUnix(socket.c_str()), &redisFree), {"PING"});
             // A server that wants a password answers too.
             return answer == "PONG" || answer.starts_with("NOAUTH");
           }) &&
           process.Running();
  }
};

RedisFixture::RedisFixture(RedisFixtureOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (state_->options.tcp) state_->port = FreePort();
    if (state_->TryStart()) return;
    if (!state_->options.tcp) break;
  }
  throw std::runtime_error("redis-server did not start: " + ReadFile(state_->log));
}

RedisFixture::~RedisFixture() {
  state_->process.Signal(SIGKILL);
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
}

std::string RedisFixture::target() const {
  return "unix:" + state_->socket;
}
std::string RedisFixture::tcp_target() const {
  return "127.0.0.1:" + std::to_string(state_->port);
}
std::uint16_t RedisFixture::port() const {
  return state_->port;
}

void RedisFixture::Start() {
  if (running()) return;
  if (!state_->TryStart()) throw std::runtime_error("redis-server did not start: " + ReadFile(state_->log));
}

void RedisFixture::StartEmpty() {
  if (running()) Kill9();
  fs::remove_all(state_->data);
  Start();
}

void RedisFixture::Stop() {
  state_->process.Signal(SIGTERM);
}
void RedisFixture::Kill9() {
  state_->process.Signal(SIGKILL);
}
void RedisFixture::Freeze() {
  state_->process.Signal(SIGSTOP);
}
void RedisFixture::Thaw() {
  state_->process.Signal(SIGCONT);
}
bool RedisFixture::running() const {
  return state_->process.Running();
}

std::string RedisFixture::Cli(const std::vector<std::string>& argv) const {
  return Ask(ContextPtr(redisConnectUnix(state_->socket.c_str()), &redisFree), argv);
}

struct SentinelFixture::State {
  RedisFixture first{{.aof = false, .tcp = true, .args = {}}};
  RedisFixture second{
      {.aof = false, .tcp = true, .args = {"--replicaof", "127.0.0.1 " + std::to_string(first.port())}}};
  std::string folder = MakeFolder();
  std::uint16_t port = FreePort();
  Process sentinel;

  bool Ready() const {
    const auto info = AskPort(port, {"INFO", "sentinel"});
    return info.find("status=ok") != std::string::npos && info.find("slaves=1") != std::string::npos &&
           second.Cli({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  }
};

SentinelFixture::SentinelFixture() : state_(std::make_unique<State>()) {
  const auto config = state_->folder + "/sentinel.conf";
  const auto log = state_->folder + "/log";
  std::ofstream(config) << "port " << state_->port << "\nbind 127.0.0.1\ndir " << state_->folder
                        << "\nsentinel monitor haven 127.0.0.1 " << state_->first.port()
                        << " 1\nsentinel down-after-milliseconds haven 300\nsentinel failover-timeout haven 3000\n";
  state_->sentinel.Start({"redis-server", config, "--sentinel"}, log);
  // Tells of a new replica only after asking the master, which it does every 10 s.
  if (!Until([this] { return !state_->sentinel.Running() || state_->Ready(); }) || !state_->sentinel.Running()) {
    throw std::runtime_error("sentinel did not start: " + ReadFile(log));
  }
}

SentinelFixture::~SentinelFixture() {
  state_->sentinel.Signal(SIGKILL);
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
}

std::string SentinelFixture::target() const {
  return "sentinel:127.0.0.1:" + std::to_string(state_->port) + "/haven";
}
RedisFixture& SentinelFixture::first() {
  return state_->first;
}
RedisFixture& SentinelFixture::second() {
  return state_->second;
}

}  // namespace haven::testing
