#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace haven::testing {

struct RedisFixtureOptions {
  bool aof = false;               // keep data over Kill9 and Stop; otherwise every start is empty
  bool tcp = false;               // listen on 127.0.0.1 too, on a free port that is kept over restarts
  std::vector<std::string> args;  // further "--option", "value"
};

// A private redis-server in a temporary folder, started by the constructor, killed and removed by the destructor (and
// by the kernel if the test dies). DEBUG is allowed. Works as root and as an ordinary user. Blocking, for the thread
// that made it; throws std::runtime_error with the server's log if it does not start.
class RedisFixture {
 public:
  explicit RedisFixture(RedisFixtureOptions options = {});
  ~RedisFixture();
  RedisFixture(const RedisFixture&) = delete;
  RedisFixture& operator=(const RedisFixture&) = delete;

  // For RedisOptions.target: the Unix socket, or TCP.
  std::string target() const;
  std::string tcp_target() const;
  std::uint16_t port() const;

  void Start();       // with what data there is; returns when it answers
  void StartEmpty();  // data removed first
  void Stop();        // SIGTERM, orderly
  void Kill9();
  void Freeze();  // SIGSTOP: accepts and reads nothing, closes nothing
  void Thaw();
  bool running() const;

  // One command over a connection of its own, for checks beside the client under test. Arrays are told one item a line.
  std::string Cli(const std::vector<std::string>& argv) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A master, its replica and one sentinel that decides alone and quickly (down after 300 ms).
class SentinelFixture {
 public:
  SentinelFixture();
  ~SentinelFixture();
  SentinelFixture(const SentinelFixture&) = delete;
  SentinelFixture& operator=(const SentinelFixture&) = delete;

  // "sentinel:127.0.0.1:port/haven".
  std::string target() const;
  RedisFixture& first();   // the master at the start
  RedisFixture& second();  // its replica, in step when the constructor returns

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace haven::testing
