#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/async/loop.h"
#include "libs/async/wait.h"
#include "libs/core/log.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/registry_internal.h"
#include "libs/rpc/server.h"
#include "libs/rpc/server_metrics.h"

namespace haven::rpc {

class CallFlow;

// What all calls of a server share. Outlives them.
struct ServerCore {
  ServerCore(async::Loop& l, Registry& r, const ServerOptions& o)
      : loop(l), registry(r), options(o), authenticator(options.tokens, *options.clock), metrics(options.metrics) {
    authenticator.SetResolver(options.credentials);
  }

  async::Loop& loop;
  const Registry& registry;
  const ServerOptions options;
  Authenticator authenticator;  // loop thread only
  ServerMetrics metrics;
  core::Logger log{"rpc"};

  std::atomic<std::size_t> unary_calls{0};
  std::atomic<std::size_t> streams{0};
  std::atomic<bool> draining{false};
  std::list<CallFlow*> open_streams;  // loop thread only
};

// What a request brings besides its message.
struct RequestHead {
  std::string credential;
  telemetry::TraceContext trace;
  // nullopt: the client gave none.
  std::optional<core::Deadline> deadline;
  std::string peer;
  std::vector<std::pair<std::string, std::string>> metadata;  // "haven-" keys
};

// The bytes of one call. Loop thread only; not called after Finish.
class CallTransport {
 public:
  virtual ~CallTransport() = default;
  // False for bytes that are not such a message.
  virtual bool ParseRequest(Message* into) = 0;
  // One at a time; CallFlow::WriteDone follows.
  virtual void StartWrite(const Message& message) = 0;
  // Ends the call; `response` is set for a unary call that ended well.
  virtual void Finish(const absl::Status& status, const Message* response) = 0;
  // Gives up the connection's side of the call: a pending write fails soon.
  virtual void Abort() = 0;
};

// One call from its arrival on the loop to its end: identity, authorisation, deadline, message, handler, status,
// figures. Independent of gRPC. Loop thread only.
class CallFlow : public std::enable_shared_from_this<CallFlow> {
 public:
  CallFlow(ServerCore& core, const Method& method, RequestHead head, std::shared_ptr<CallTransport> transport);

  // Starts the call's coroutine.
  void Begin();
  // The client has gone, or its deadline has passed.
  void ClientGone();
  void WriteDone(bool ok);
  // Ends a stream with `why`.
  void End(absl::Status why);

  const Identity* identity() const { return call_ ? &call_->identity() : nullptr; }

  // For the stream's writer.
  async::Task<bool> Write(const Message& message);

 private:
  async::Task<void> Run();
  async::Task<absl::Status> Handle(Message* response);
  async::Task<absl::Status> Admit();
  async::Task<bool> WaitWritten();
  async::Task<void> Flush();
  core::Deadline LimitOf(const RequestHead& head) const;
  void Finish(absl::Status status, const Message* response);

  ServerCore& core_;
  const Method& method_;
  RequestHead head_;
  std::shared_ptr<CallTransport> transport_;  // null once finished
  const std::chrono::steady_clock::time_point begun_;
  const core::Deadline limit_;
  CallPtr call_;
  boost::asio::cancellation_signal cancel_;
  absl::Status end_;  // why it was ended from outside
  bool gone_ = false;
  bool write_pending_ = false;
  bool write_failed_ = false;
  core::Deadline stall_;
  async::Notifier written_;
  std::optional<std::list<CallFlow*>::iterator> place_;
};

// What calls are told once a drain has begun.
absl::Status Stopping();

// Ends the open streams whose identity matches; one that is still being admitted matches everything.
void EndOpenStreams(ServerCore& core, const std::function<bool(const Identity&)>& of, const absl::Status& why);

}  // namespace haven::rpc
