#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/rpc/tokens.h"
#include "libs/telemetry/trace.h"

namespace haven::rpc {

using google::protobuf::Message;

struct CallOptions {
  explicit CallOptions(core::Deadline call_deadline) : deadline(call_deadline) {}

  core::Deadline deadline;
  // Bearer credential of this call; when empty, the channel's own token source.
  std::string token;
  // The caller's span; a new trace is begun without one.
  std::optional<telemetry::TraceContext> trace;
  // More than 1 repeats a call that ended UNAVAILABLE, with jittered back-off, while the deadline allows: only for
  // methods that are idempotent (a read, or a mutation with request_id).
  int attempts = 1;
  // Keys begin with "haven-".
  std::vector<std::pair<std::string, std::string>> metadata;
};

struct ChannelOptions {
  // Whose calls these are when CallOptions.token is empty; may be null.
  std::shared_ptr<TokenSource> identity;
  std::size_t max_message_bytes = 16u << 20;
  // PEM file of the authority that signs the server's certificate; empty: plain text (Unix socket, in-process).
  std::string tls_authority;
};

// A server stream being read. Loop thread only. Destroying it cancels the call.
class RawStream {
 public:
  virtual ~RawStream() = default;
  // The next message; nullopt at the end, where status() says why it ended.
  virtual async::Task<std::optional<std::string>> Next() = 0;
  virtual absl::Status status() const = 0;
  virtual void Cancel() = 0;
};

template <class Resp>
class Stream {
 public:
  explicit Stream(std::unique_ptr<RawStream> raw) : raw_(std::move(raw)) {}

  // The next message; nullopt at the end, where status() says why it ended (OK: the server had no more).
  async::Task<std::optional<Resp>> Next() {
    std::optional<std::string> bytes = co_await raw_->Next();
    if (!bytes) co_return std::nullopt;
    Resp message;
    if (message.ParseFromString(*bytes)) co_return std::move(message);
    raw_->Cancel();
    malformed_ = true;
    co_return std::nullopt;
  }
  absl::Status status() const {
    return malformed_ ? absl::InternalError("malformed message in stream") : raw_->status();
  }
  void Cancel() { raw_->Cancel(); }

 private:
  std::unique_ptr<RawStream> raw_;
  bool malformed_ = false;
};

// Calls to one server, over a socket or in-process. Loop thread only, except the constructors. Deadline and trace
// travel with each call; statuses come back with their reason (core::ReasonOf). A status made by the transport gets one
// as well: UNAVAILABLE carries REASON_DEPENDENCY_DOWN, DEADLINE_EXCEEDED carries REASON_DEADLINE_EXCEEDED.
class Channel {
 public:
  // `address` is "host:port" or "unix:/path". Connects on first use and again after a loss.
  static std::shared_ptr<Channel> Connect(async::Loop& loop, const std::string& address, ChannelOptions options);
  virtual ~Channel() = default;

  // The same connection with another identity.
  virtual std::shared_ptr<Channel> As(std::shared_ptr<TokenSource> identity) = 0;

  // `method` as in "haven.system.v1.SystemService/Echo".
  template <class Req, class Resp>
  async::Task<absl::StatusOr<Resp>> Call(std::string method, Req request, CallOptions options) {
    Resp response;
    absl::Status status = co_await CallMessage(std::move(method), request, &response, std::move(options));
    if (!status.ok()) co_return status;
    co_return std::move(response);
  }

  template <class Req, class Resp>
  Stream<Resp> ServerStream(std::string method, const Req& request, CallOptions options) {
    return Stream<Resp>(StreamRaw(std::move(method), request.SerializeAsString(), std::move(options)));
  }

  // `request` and `response` outlive the call.
  virtual async::Task<absl::Status> CallMessage(std::string method, const Message& request, Message* response,
                                                CallOptions options) = 0;
  // Serialised protobuf in and out: for an edge that transcodes by descriptor.
  virtual async::Task<absl::StatusOr<std::string>> RawCall(std::string method, std::string request,
                                                           CallOptions options) = 0;
  virtual std::unique_ptr<RawStream> StreamRaw(std::string method, std::string request, CallOptions options) = 0;
};

}  // namespace haven::rpc
