#pragma once

#include <string>
#include <vector>

struct redisContext;

namespace haven::routing::testing {

// One blocking connection. Throws std::runtime_error when it breaks: a test has no other answer to that.
class Connection {
 public:
  // To a server's Unix socket, "unix:/path".
  explicit Connection(const std::string& target);
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
