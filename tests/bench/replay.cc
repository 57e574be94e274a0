#include "tests/bench/replay.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <memory>
#include <unordered_set>

#include "services/routing/store/scripts.h"

extern char** environ;

namespace haven::bench {
namespace {

constexpr int kUnderWay = 64;
using ReplyPtr = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

redisContext* Connect(const std::string& path) {
  redisContext* context = redisConnectUnix(path.c_str());
  if (context == nullptr || context->err != 0) Fail("cannot connect to " + path);
  return context;
}

ReplyPtr Ask(redisContext* context, const std::vector<std::string>& argv) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const auto& word : argv) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  return {
      static_cast<redisReply*>(redisCommandArgv(context, static_cast<int>(argv.size()), words.data(), sizes.data())),
      &freeReplyObject};
}

int HexDigit(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// What MONITOR wrote: "words" with the escapes of Redis's sdscatrepr.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t i = line.find("] \""); i != line.npos && (i = line.find('"', i)) != line.npos;) {
    std::string word;
    for (++i; i < line.size() && line[i] != '"'; ++i) {
      if (line[i] != '\\' || i + 1 >= line.size()) {
        word += line[i];
        continue;
      }
      switch (const char c = line[++i]) {
        case 'n':
          word += '\n';
          break;
        case 'r':
          word += '\r';
          break;
        case 't':
          word += '\t';
          break;
        case 'a':
          word += '\a';
          break;
        case 'b':
          word += '\b';
          break;
        case 'x':
          word += static_cast<char>(HexDigit(line[i + 1]) * 16 + HexDigit(line[i + 2]));
          i += 2;
          break;
        default:
          word += c;
      }
    }
    words.push_back(std::move(word));
    ++i;
  }
  return words;
}

// A server of its own that begins with a copy of the snapshot.
class Second {
 public:
  explicit Second(const Stage& stage) : folder_(stage.folder + "/replay") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    std::filesystem::copy_file(stage.folder + "/redis/snapshot.rdb", folder_ + "/snapshot.rdb");
    std::vector<std::string> argv{
        "redis-server", "--port", "0", "--unixsocket", socket(), "--dir", folder_, "--dbfilename",
        "snapshot.rdb", "--save", "",  "--appendonly", "no"};
    std::vector<char*> raw;
    for (auto& word : argv) raw.push_back(word.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, (folder_ + "/log").c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (::posix_spawnp(&pid_, "redis-server", &actions, nullptr, raw.data(), environ) != 0) Fail("no redis-server");
    ::posix_spawn_file_actions_destroy(&actions);
    const auto begun = Clock::now();
    for (;;) {
      redisContext* context = redisConnectUnix(socket().c_str());
      if (context != nullptr && context->err == 0) {
        const auto pong = Ask(context, {"PING"});
        if (pong && pong->type == REDIS_REPLY_STATUS) {
          context_ = context;
          return;
        }
      }
      if (context != nullptr) redisFree(context);
      if (SecondsSince(begun) > 20) Fail("the second Redis does not start");
      ::poll(nullptr, 0, 5);
    }
  }
  ~Second() {
    redisFree(context_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  redisContext* context() { return context_; }
  pid_t pid() const { return pid_; }

 private:
  std::string socket() const { return folder_ + "/redis.sock"; }
  std::string folder_;
  pid_t pid_ = 0;
  redisContext* context_ = nullptr;
};

}  // namespace

Recorder::Recorder(const Stage& stage) : stage_(stage) {
  monitor_ = Connect(stage.redis_socket);
  if (redisAppendCommand(monitor_, "MONITOR") != REDIS_OK) Fail("MONITOR failed");
  void* ok = nullptr;
  if (redisGetReply(monitor_, &ok) != REDIS_OK) Fail("MONITOR failed");
  freeReplyObject(ok);
  reader_ = std::thread([this] { Read(); });
  // MONITOR does not tell of SAVE; what one client sends at once is done with nothing between.
  redisContext* other = Connect(stage.redis_socket);
  redisAppendCommand(other, "SAVE");
  redisAppendCommand(other, "ECHO bench-begin");
  for (int i = 0; i < 2; ++i) {
    void* reply = nullptr;
    if (redisGetReply(other, &reply) != REDIS_OK) Fail("SAVE failed");
    const ReplyPtr answer(static_cast<redisReply*>(reply), &freeReplyObject);
    if (answer->type == REDIS_REPLY_ERROR) Fail(std::string("SAVE: ") + answer->str);
  }
  redisFree(other);
}

Recorder::~Recorder() {
  Stop();
  redisFree(monitor_);
}

void Recorder::Read() {
  bool saved = false;
  void* reply = nullptr;
  while (redisGetReply(monitor_, &reply) == REDIS_OK) {
    const ReplyPtr line(static_cast<redisReply*>(reply), &freeReplyObject);
    const std::string_view text(line->str, line->len);
    if (text.find("\"ECHO\" \"bench-end\"") != text.npos) return;
    // What scripts do themselves is part of their call.
    if (text.find(" lua] ") != text.npos) continue;
    saved |= text.find("\"ECHO\" \"bench-begin\"") != text.npos;
    if (saved && text.find("] \"EVALSHA\"") != text.npos) lines_.emplace_back(text);
  }
}

void Recorder::Stop() {
  if (stopped_.exchange(true)) return;
  redisContext* other = Connect(stage_.redis_socket);
  Ask(other, {"ECHO", "bench-end"});
  redisFree(other);
  reader_.join();
}

Recorder::Replayed Recorder::Replay() {
  Second second(stage_);
  redisContext* context = second.context();
  std::unordered_set<std::string> known;
  const routing::Scripts scripts;
  for (std::size_t i = 0; i < routing::kSteps; ++i) {
    const auto& script = scripts.of(static_cast<routing::Step>(i));
    Ask(context, {"SCRIPT", "LOAD", script.text()});
    known.insert(script.sha1());
  }
  // Commands as they go over the wire: a bare client does nothing but send and read.
  std::vector<std::string> wire;
  for (const auto& line : lines_) {
    const auto words = Words(line);
    if (words.size() < 3 || !known.contains(words[1])) continue;  // another service's script
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    wire.push_back(std::move(bytes));
  }
  Replayed result;
  result.calls = static_cast<long>(wire.size());
  const double cpu = CpuOf(second.pid());
  const auto begun = Clock::now();
  std::size_t sent = 0;
  for (std::size_t answered = 0; answered < wire.size(); ++answered) {
    if (sent < wire.size() && sent - answered <= kUnderWay / 2) {
      for (; sent < wire.size() && sent - answered < kUnderWay; ++sent) {
        redisAppendFormattedCommand(context, wire[sent].data(), wire[sent].size());
      }
      for (int written = 0; written == 0;) {
        if (redisBufferWrite(context, &written) != REDIS_OK) Fail("the second Redis has gone");
      }
    }
    void* reply = nullptr;
    if (redisGetReply(context, &reply) != REDIS_OK) Fail("the second Redis has gone");
    const ReplyPtr answer(static_cast<redisReply*>(reply), &freeReplyObject);
    result.refused += answer->type == REDIS_REPLY_ERROR ? 1 : 0;
  }
  result.seconds = SecondsSince(begun);
  result.cpu = CpuOf(second.pid()) - cpu;
  return result;
}

}  // namespace haven::bench
