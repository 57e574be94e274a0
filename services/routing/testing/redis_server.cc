#include "services/routing/testing/redis_server.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

extern char** environ;

namespace haven::routing::testing {
namespace {

void Flatten(const redisReply& reply, std::vector<std::string>& out) {
  switch (reply.type) {
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < reply.elements; ++i) Flatten(*reply.element[i], out);
      return;
    case REDIS_REPLY_INTEGER:
      out.push_back(std::to_string(reply.integer));
      return;
    case REDIS_REPLY_NIL:
      out.emplace_back();
      return;
    default:
      out.emplace_back(reply.str, static_cast<std::size_t>(reply.len));
      return;
  }
}

}  // namespace

RedisServer::RedisServer() {
  std::string folder = (std::filesystem::temp_directory_path() / "haven_routing_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = folder;
  socket_ = folder_ + "/redis.sock";
  std::vector<std::string> words{"redis-server", "--port", "0",     "--unixsocket", socket_,     "--save",        "",
                                 "--appendonly", "no",     "--dir", folder_,        "--logfile", folder_ + "/log"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (posix_spawnp(&pid_, "redis-server", nullptr, nullptr, argv.data(), environ) != 0) {
    throw std::runtime_error("redis-server does not start");
  }
  for (int tries = 0; tries < 2000; ++tries) {  // until it listens; 5 ms each
    redisContext* probe = redisConnectUnix(socket_.c_str());
    const bool up = probe != nullptr && probe->err == 0;
    if (probe != nullptr) redisFree(probe);
    if (up) return;
    poll(nullptr, 0, 5);
  }
  throw std::runtime_error("redis-server does not listen");
}

RedisServer::~RedisServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Connection::Connection(const RedisServer& server) : context_(redisConnectUnix(server.socket().c_str())) {
  if (context_ == nullptr || context_->err != 0) throw std::runtime_error("no connection to redis-server");
}

Connection::~Connection() {
  redisFree(context_);
}

void Connection::Append(const std::vector<std::string>& argv) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : argv) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_, static_cast<int>(argv.size()), words.data(), sizes.data());
}

std::vector<std::string> Connection::Read() {
  void* raw = nullptr;
  if (redisGetReply(context_, &raw) != REDIS_OK) throw std::runtime_error("connection to redis-server is lost");
  auto* reply = static_cast<redisReply*>(raw);
  last_was_error_ = reply->type == REDIS_REPLY_ERROR;
  std::vector<std::string> out;
  Flatten(*reply, out);
  freeReplyObject(reply);
  return out;
}

std::vector<std::string> Connection::Run(const std::vector<std::string>& argv) {
  Append(argv);
  return Read();
}

}  // namespace haven::routing::testing
