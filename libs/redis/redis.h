#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/core/ids.h"
#include "libs/redis/script.h"
#include "libs/redis/value.h"

namespace haven::redis {

class Client;

// What a process may want to count. Called on the loop, for every command: keep it short. Defaults do nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  // `command` is a script's name or the first word as given ("XADD"); `took` runs from the call to its reply, error or
  // time-out.
  virtual void CommandDone(std::string_view /*command*/, absl::StatusCode /*code*/, std::chrono::nanoseconds /*took*/) {
  }
  virtual void Connected(std::string_view /*run_id*/) {}
  // Also for each failed attempt to connect. The status holds no secret and no key.
  virtual void Disconnected(const absl::Status& /*why*/) {}
};

struct RedisOptions {
  // "unix:/path", "host:port", "[v6]:port" or "sentinel:host:port,host:port/name".
  std::string target;
  std::string user;      // ACL user; empty: the default user
  std::string password;  // empty: no AUTH
  std::string sentinel_password;
  int db = 0;
  std::string client_name;  // shown by CLIENT LIST; no spaces

  // Commands sent or waiting whose reply has not come, and bytes not yet taken by the kernel; beyond:
  // RESOURCE_EXHAUSTED.
  std::size_t max_pending = 10'000;
  std::size_t max_unsent_bytes = 64 * 1024 * 1024;
  // While there is no connection: true waits for one up to the command's deadline, false fails at once with
  // UNAVAILABLE.
  bool wait_while_down = false;

  std::chrono::milliseconds connect_timeout{2000};  // for name, sentinel, connection and handshake together
  std::chrono::milliseconds backoff_min{20};        // before the first new attempt; doubles, with jitter of half
  std::chrono::milliseconds backoff_max{2000};
  // A connection that owes a reply and has been silent for this long is given up. An idle one is pinged at half of it.
  std::chrono::milliseconds stall_timeout{5000};

  Observer* observer = nullptr;    // may be null; outlives the client's coroutines
  core::Random* random = nullptr;  // for jitter; null: the operating system's
};

struct Stats {
  std::uint64_t commands = 0;      // accepted for sending
  std::uint64_t replies = 0;       // received, wanted or not
  std::uint64_t timeouts = 0;      // ended with DEADLINE_EXCEEDED
  std::uint64_t late_replies = 0;  // received after their caller had gone
  std::uint64_t refused = 0;       // RESOURCE_EXHAUSTED or UNAVAILABLE without being sent
  std::uint64_t writes = 0;        // send(2) calls: commands / writes is the depth of pipelining reached
  std::uint64_t reads = 0;
  std::uint64_t connects = 0;
  std::size_t pending = 0;  // now
};

// What a connect callback learns.
struct ConnectInfo {
  std::string run_id;           // of the server: a new one after each of its starts, another one after a fail-over
  std::string previous_run_id;  // empty at the first connect
  bool changed() const { return run_id != previous_run_id; }
};

// A pipelined connection to one Redis: commands issued in one turn of the loop leave in one write, replies come in
// order. Everything happens on the single thread that runs `executor`; coroutines that call it must run there too.
//
// Errors of all calls:
//   UNAVAILABLE REASON_DEPENDENCY_DOWN   no connection, connection lost, closed, server loading, read-only, busy.
//   Metadata "outcome":
//                                        "none" (not executed) or "unknown" (perhaps executed).
//   DEADLINE_EXCEEDED REASON_DEADLINE_EXCEEDED   with the same metadata; a late reply is discarded.
//   RESOURCE_EXHAUSTED REASON_OVERLOADED too many pending, or the server is out of memory (OOM). Not executed.
//   INTERNAL REASON_BUG                  any other error reply; metadata "redis_error" is its first word ("WRONGTYPE").
// An error reply is always a status; kError occurs only inside arrays and in Batch.
//
// Cancelling the calling coroutine does not interrupt a command: it is short, and its deadline bounds it.
// No blocking command (XREAD BLOCK, BLPOP, SUBSCRIBE, MULTI without EXEC) may be sent here; StreamReader has its own
// connection.
class Redis {
 public:
  // Starts connecting at once and for ever. Null only if the target cannot be parsed: ValidateTarget says why.
  // Destroy it before the executor's context. Destruction is Close().
  static std::unique_ptr<Redis> Create(boost::asio::any_io_executor executor, RedisOptions options);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  async::Task<absl::StatusOr<Value>> Command(core::Deadline deadline, std::vector<std::string> argv);

  // Sends all in one go, replies in order. An error reply does not fail the batch: it stands in its place as kError.
  // Not atomic.
  async::Task<absl::StatusOr<std::vector<Value>>> Batch(core::Deadline deadline,
                                                        std::vector<std::vector<std::string>> commands);

  // EVALSHA; a script that the server does not know is loaded and run again, within the deadline.
  async::Task<absl::StatusOr<Value>> Eval(core::Deadline deadline, Script script, std::vector<std::string> keys,
                                          std::vector<std::string> args);

  // Scripts loaded at each connect, before any command. Eval adds those it meets, so this only saves the first round
  // trip.
  void Register(const Script& script);

  bool Connected() const;
  // OK once connected; DEADLINE_EXCEEDED, or UNAVAILABLE if closed. For start-up and tests.
  async::Task<absl::Status> WaitConnected(core::Deadline deadline);

  // Called after each handshake (AUTH, SELECT, run_id, scripts), before any command flows, for as long as the client
  // lives. Called at once if connected. The callback must not block and must not destroy the client.
  void OnConnect(std::function<void(const ConnectInfo&)> callback);

  // Of the server connected to last; empty before the first connect.
  const std::string& run_id() const;
  haven::redis::Stats Stats() const;

  // Fails what is pending (outcome as for a lost connection) and connects no more. Idempotent.
  void Close();

 private:
  explicit Redis(std::shared_ptr<Client> client);
  std::shared_ptr<Client> client_;
};

// OK, or INVALID_ARGUMENT saying what is wrong with a target: for checking a configuration.
absl::Status ValidateTarget(std::string_view target);

// The status that Command would give for this error reply: for those that stand in a batch.
absl::Status ErrorStatus(const Value& error_reply);

// Metadata "redis_error" of a status of this library: first word of the error reply, empty if it is none.
std::string RedisErrorOf(const absl::Status& status);
// False only if it is certain that the command was not executed.
bool PerhapsExecuted(const absl::Status& status);

}  // namespace haven::redis
