#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/core/deadline.h"
#include "libs/rpc/identity.h"
#include "libs/telemetry/trace.h"

namespace haven::rpc {

// One incoming call, shared between the adapter and its handler. Loop thread only. Everything here was checked before
// the handler began: the identity is believed and holds one of the method's audiences, roles and scope.
class Call {
 public:
  Call(std::string method, Identity identity, core::Deadline deadline, telemetry::TraceContext trace, std::string peer);
  Call(std::string method, std::shared_ptr<const Identity> identity, core::Deadline deadline,
       telemetry::TraceContext trace, std::string peer);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // "haven.system.v1.SystemService/Echo".
  const std::string& method() const { return method_; }
  const Identity& identity() const { return *identity_; }
  // The client's, capped by the server's maximum; the server's default where the client gave none.
  core::Deadline deadline() const { return deadline_; }
  // This call's own span: pass it on in CallOptions.
  const telemetry::TraceContext& trace() const { return trace_; }
  // As gRPC writes it: "ipv4:10.0.0.7:41234", "unix:", "inproc:". Personal data: never logged.
  const std::string& peer() const { return peer_; }
  // Metadata of the request whose key begins with "haven-" (lower case), such as "haven-source" from the edge; else
  // null.
  const std::string* Metadata(std::string_view key) const;

  // The bearer credential as it came, to call another service in the caller's name. Never log it.
  const std::string& credential() const { return credential_; }

  // True once the client has gone or its deadline has passed.
  bool cancelled() const { return cancelled_; }
  // Called at most once, on the loop, when `cancelled` becomes true; at once if it is. A unary handler is not
  // interrupted otherwise: what it has begun it ends, and the answer is dropped. A streaming handler is also cancelled
  // as a coroutine (libs/async waits return false).
  void OnCancel(std::function<void()> hook);

 private:
  friend class CallAccess;
  std::string method_;
  std::shared_ptr<const Identity> identity_;
  core::Deadline deadline_;
  telemetry::TraceContext trace_;
  std::string peer_;
  std::string credential_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::vector<std::function<void()>> hooks_;
  bool cancelled_ = false;
};

using CallPtr = std::shared_ptr<Call>;

// What the adapter, and a test that calls a handler by itself, may do to a call.
class CallAccess {
 public:
  // Marks it cancelled and runs the hooks.
  static void Cancel(Call& call);
  static void SetCredential(Call& call, std::string credential);
  static void AddMetadata(Call& call, std::string key, std::string value);
};

}  // namespace haven::rpc
