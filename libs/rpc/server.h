#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "libs/rpc/registry.h"
#include "libs/rpc/tokens.h"
#include "libs/telemetry/metrics.h"

namespace haven::rpc {

class Channel;

struct ServerOptions {
  // A larger request is refused with INVALID_ARGUMENT (REASON_TOO_LARGE).
  std::size_t max_message_bytes = 4u << 20;
  // Calls in progress beyond these are refused with RESOURCE_EXHAUSTED (REASON_OVERLOADED) and `retry_after`.
  std::size_t max_unary_calls = 4096;
  std::size_t max_streams = 4096;
  std::chrono::milliseconds retry_after{1000};
  // For a unary call without a deadline, and the most that any unary call gets.
  std::chrono::milliseconds default_deadline{10'000};
  std::chrono::milliseconds max_deadline{60'000};
  // The most that a stream lasts; clients resume.
  std::chrono::milliseconds max_stream{std::chrono::hours(12)};
  // A stream whose reader takes nothing for this long is ended.
  std::chrono::milliseconds stream_stall{60'000};
  // Memory for messages being received or sent, over all connections.
  std::size_t max_buffered_bytes = 256u << 20;
  // The judges of credentials, the clock that identities expire by, and where to count. They outlive the server.
  TokenVerifier* tokens = nullptr;            // null: no tokens are accepted
  CredentialResolver* credentials = nullptr;  // null: only tokens are accepted
  const core::Clock* clock = &core::SystemClock();
  telemetry::Metrics* metrics = nullptr;  // may be null in tests
};

// Paths of PEM files.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
  // When set, clients must show a certificate signed by this authority (mTLS between services).
  std::string client_authority;
};

// Serves a Registry over any number of listeners. One adapter checks identity, authorisation, deadline, size and load
// before a handler's coroutine starts, and gives every status that leaves a reason.
class Server {
 public:
  Server(async::Loop& loop, Registry& registry, ServerOptions options);
  // Ends whatever Drain has left. The loop must still run, and this must not be its thread.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before Start. "127.0.0.1:0" takes a free port.
  absl::Status AddTcp(const std::string& host_port);
  absl::Status AddTcpTls(const std::string& host_port, const TlsFiles& files);
  // A stale socket file is removed; the socket's mode is 0600.
  absl::Status AddUnix(const std::string& path);

  // Validates the registry, binds, serves. FAILED_PRECONDITION or UNAVAILABLE with a line that says what to do.
  absl::Status Start();
  // Of the first TCP listener, 0 without one.
  int port() const;
  // A channel to this server without a socket, made after Start. It must be gone before the server.
  std::shared_ptr<Channel> InProcess();

  // Replaces ServerOptions.credentials. Loop thread only once started.
  void SetCredentials(CredentialResolver* credentials);

  // Refuses new calls, ends streams with UNAVAILABLE, lets unary calls end until the deadline, then cancels them.
  async::Task<void> Drain(core::Deadline deadline);

  // Ends streams whose identity matches, with UNAUTHENTICATED: for revocation.
  void EndStreams(const std::function<bool(const Identity&)>& of);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haven::rpc
