#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::desk::http {

enum class Method { kGet, kHead, kPost, kOptions, kOther };

using Headers = std::vector<std::pair<std::string, std::string>>;

// A request with its whole body, as it came. Everything in it is hostile.
struct Request {
  Method method = Method::kOther;
  std::string path;   // still percent-encoded, begins with "/"
  std::string query;  // without "?"
  Headers headers;
  std::string body;
  std::string remote_address;  // of the socket, without port: personal data, never logged

  // First value of a header, compared without case; empty if absent.
  std::string_view Header(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// One request and its answer: either Respond, or BeginStream, WriteChunk ..., EndStream. All return false when the
// client has gone (or takes nothing for too long). Loop thread only.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  virtual async::Task<bool> Respond(Response response) = 0;

  virtual async::Task<bool> BeginStream(int status, Headers headers) = 0;
  virtual async::Task<bool> WriteChunk(std::string bytes) = 0;
  virtual async::Task<bool> EndStream() = 0;
  // While streaming: called once, when the client goes away or the server drains.
  virtual void OnGone(std::function<void()> hook) = 0;
  virtual bool gone() const = 0;
};

using Handler = std::function<async::Task<void>(std::shared_ptr<Exchange>)>;

struct ServerOptions {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_connections = 8192;
  // Offices and phone networks share an address: the bound only stops one machine from taking all.
  std::size_t max_connections_per_address = 1024;
  std::chrono::seconds header_timeout{15};
  std::chrono::seconds body_timeout{60};
  std::chrono::seconds idle_timeout{75};
  // For each piece of 64 KiB: enough for 64 kbit/s with a bad line.
  std::chrono::seconds write_timeout{60};
};

// HTTP/1.1 with keep-alive on one loop. Malformed requests are answered 400, too large ones 413 or 431, slow ones 408,
// and the connection is closed; connections beyond the bounds are closed at once with 503.
class Server {
 public:
  Server(async::Loop& loop, ServerOptions options, Handler handler);
  // Closes at once: Drain first while the loop runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "host:port", port 0 takes a free one. UNAVAILABLE with a line that says what to do.
  absl::Status Listen(const std::string& address);
  int port() const;
  std::size_t connections() const;
  // Stops accepting, ends streams, lets answers under way finish until the deadline.
  async::Task<void> Drain(core::Deadline deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haven::desk::http
