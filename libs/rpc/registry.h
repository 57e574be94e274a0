#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/rpc/call.h"

namespace haven::rpc {

using google::protobuf::Message;

// Where an erased streaming handler writes; made by the adapter.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual async::Task<bool> Write(const Message& message) = 0;
};

// The writing end of a server stream. Copyable; loop thread only; one Write at a time.
template <class Resp>
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<MessageSink> sink) : sink_(std::move(sink)) {}

  // Waits until the transport has taken the message (so a slow reader slows the writer). False when the client has
  // gone, the deadline has passed, the identity was revoked, or the reader has stood still for longer than the server
  // allows: the handler returns then, with any status.
  async::Task<bool> Write(Resp message) { co_return co_await sink_->Write(message); }

 private:
  std::shared_ptr<MessageSink> sink_;
};

template <class Req, class Resp>
using UnaryHandler = std::function<async::Task<absl::StatusOr<Resp>>(CallPtr, Req)>;
template <class Req, class Resp>
using StreamHandler = std::function<async::Task<absl::Status>(CallPtr, Req, StreamWriter<Resp>)>;

// The methods a process serves. Filled while services start, fixed when the server starts. Mistakes (unknown method,
// wrong types, no access option, a method registered twice, a promised service with a method missing) are collected and
// all told by Validate, which Server::Start calls.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // `method` as in "haven.routing.v1.RoutingService/AcceptReservation". Handlers run on the loop.
  template <class Req, class Resp>
  void Unary(std::string method, UnaryHandler<Req, Resp> handler) {
    auto shared = std::make_shared<const UnaryHandler<Req, Resp>>(std::move(handler));
    AddUnary(std::move(method), &Req::default_instance(), &Resp::default_instance(),
             [shared](CallPtr call, Message* request, Message* response) {
               return InvokeUnary<Req, Resp>(shared, std::move(call), static_cast<Req*>(request),
                                             static_cast<Resp*>(response));
             });
  }
  // registry.Unary("haven.system.v1.SystemService/Echo", &api, &SystemApi::Echo); `object` outlives the server.
  template <class Req, class Resp, class Object>
  void Unary(std::string method, Object* object, async::Task<absl::StatusOr<Resp>> (Object::*member)(CallPtr, Req)) {
    Unary<Req, Resp>(std::move(method), UnaryHandler<Req, Resp>([object, member](CallPtr call, Req request) {
                       return (object->*member)(std::move(call), std::move(request));
                     }));
  }

  template <class Req, class Resp>
  void ServerStream(std::string method, StreamHandler<Req, Resp> handler) {
    auto shared = std::make_shared<const StreamHandler<Req, Resp>>(std::move(handler));
    AddStream(std::move(method), &Req::default_instance(), &Resp::default_instance(),
              [shared](CallPtr call, Message* request, std::shared_ptr<MessageSink> sink) {
                return (*shared)(std::move(call), std::move(*static_cast<Req*>(request)),
                                 StreamWriter<Resp>(std::move(sink)));
              });
  }
  template <class Req, class Resp, class Object>
  void ServerStream(std::string method, Object* object,
                    async::Task<absl::Status> (Object::*member)(CallPtr, Req, StreamWriter<Resp>)) {
    ServerStream<Req, Resp>(std::move(method), StreamHandler<Req, Resp>([object, member](CallPtr call, Req request,
                                                                                         StreamWriter<Resp> writer) {
                              return (object->*member)(std::move(call), std::move(request), std::move(writer));
                            }));
  }

  // Promises that every method of `service` ("haven.system.v1.SystemService") has a handler.
  void Implements(std::string service);

  // FAILED_PRECONDITION naming every mistake, one a line.
  absl::Status Validate() const;

  // What the adapter keeps of a method.
  using ErasedUnary = std::function<async::Task<absl::Status>(CallPtr, Message* request, Message* response)>;
  using ErasedStream =
      std::function<async::Task<absl::Status>(CallPtr, Message* request, std::shared_ptr<MessageSink>)>;

 private:
  friend class RegistryAccess;
  template <class Req, class Resp>
  static async::Task<absl::Status> InvokeUnary(std::shared_ptr<const UnaryHandler<Req, Resp>> handler, CallPtr call,
                                               Req* request, Resp* response) {
    absl::StatusOr<Resp> result = co_await (*handler)(std::move(call), std::move(*request));
    if (!result.ok()) co_return std::move(result).status();
    response->Swap(&*result);
    co_return absl::OkStatus();
  }
  void AddUnary(std::string method, const Message* request, const Message* response, ErasedUnary handler);
  void AddStream(std::string method, const Message* request, const Message* response, ErasedStream handler);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haven::rpc
