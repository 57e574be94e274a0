#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct redisContext;

namespace haven::routing::testing {

// A redis-server of this test's own, on a Unix socket in a folder of its own, without persistence; ended with the
// object.
class RedisServer {
 public:
  RedisServer();
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  const std::string& socket() const { return socket_; }

 private:
  std::string folder_, socket_;
  int pid_ = -1;
};

// One blocking connection. Throws std::runtime_error when it breaks: a test has no other answer to that.
class Connection {
 public:
  explicit Connection(const RedisServer& server);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A flat reply as strings; nested arrays are flattened; an error is one string "ERR ...".
  std::vector<std::string> Run(const std::vector<std::string>& argv);
  void Append(const std::vector<std::string>& argv);
  std::vector<std::string> Read();
  bool last_was_error() const { return last_was_error_; }

 private:
  redisContext* context_;
  bool last_was_error_ = false;
};

}  // namespace haven::routing::testing
