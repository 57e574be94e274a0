#include "libs/rpc/server_call.h"

#include <atomic>
#include <chrono>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/rpc/grpc_util.h"
#include "libs/telemetry/trace.h"

namespace haven::rpc {
namespace {

std::string_view View(const grpc::string_ref& text) {
  return {text.data(), text.size()};
}

std::optional<core::Deadline> DeadlineOf(const grpc::GenericCallbackServerContext& context) {
  const auto at = context.deadline();
  if (at == std::chrono::system_clock::time_point::max()) return std::nullopt;
  return core::Deadline::After(at - std::chrono::system_clock::now());
}

RequestHead HeadOf(const grpc::GenericCallbackServerContext& context) {
  constexpr std::string_view kBearer = "Bearer ";
  RequestHead head;
  std::optional<telemetry::TraceContext> trace;
  for (const auto& [raw_key, raw_value] : context.client_metadata()) {
    const auto key = View(raw_key);
    const auto value = View(raw_value);
    if (key == "authorization") {
      const bool bearer = value.size() > kBearer.size() && (value[0] == 'B' || value[0] == 'b') &&
                          value.substr(1, kBearer.size() - 1) == kBearer.substr(1);
      // What is no bearer credential is one that nobody knows.
      head.credential = std::string(bearer ? value.substr(kBearer.size()) : value);
    } else if (key == "traceparent") {
      trace = telemetry::TraceContext::Parse(value);
    } else if (key.substr(0, 6) == "haven-") {
      head.metadata.emplace_back(key, value);
    }
  }
  head.trace = trace ? *trace : telemetry::TraceContext::New();
  head.deadline = DeadlineOf(context);
  head.peer = context.peer();
  return head;
}

// A call's life on gRPC's side. Reactions come on gRPC's threads and only post to the loop; everything of CallTransport
// is called on the loop. gRPC holds it until OnDone, the loop until the flow has finished.
class ServerCall final : public grpc::ServerGenericBidiReactor,
                         public CallTransport,
                         public std::enable_shared_from_this<ServerCall> {
 public:
  ServerCall(ServerCore& core, grpc::GenericCallbackServerContext* context, const Method* method, std::string name)
      : core_(core), context_(context), method_(method), name_(std::move(name)) {}

  ~ServerCall() override { LeaveRoom(); }

  void Start(std::shared_ptr<ServerCall> self) {
    self_ = std::move(self);
    const absl::Status refused = Refusal();
    if (!refused.ok()) return grpc::ServerGenericBidiReactor::Finish(ToGrpc(refused));
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      return RefuseEarly("no_message",
                         core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_MALFORMED_BODY,
                                         "the request has no message"));
    }
    if (request_.Length() > core_.options.max_message_bytes) {
      return RefuseEarly("too_large",
                         core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_TOO_LARGE,
                                         absl::StrCat("longer than ", core_.options.max_message_bytes, " bytes")));
    }
    core_.loop.Post([self = shared_from_this()] { self->Begin(); });
  }

  void OnWriteDone(bool ok) override {
    core_.loop.Post([self = shared_from_this(), ok] {
      if (self->flow_) self->flow_->WriteDone(ok);
    });
  }

  void OnCancel() override {
    core_.loop.Post([self = shared_from_this()] {
      self->gone_ = true;
      if (self->flow_) self->flow_->ClientGone();
    });
  }

  void OnDone() override {
    const auto self = std::move(self_);  // may be the last
  }

  bool ParseRequest(Message* into) override {
    const bool parsed = Parse(&request_, into);
    request_.Clear();
    return parsed;
  }

  void StartWrite(const Message& message) override {
    response_ = Serialize(message);
    grpc::ServerGenericBidiReactor::StartWrite(&response_);
  }

  void Finish(const absl::Status& status, const Message* response) override {
    flow_.reset();
    LeaveRoom();
    if (response == nullptr) return grpc::ServerGenericBidiReactor::Finish(ToGrpc(status));
    response_ = Serialize(*response);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  void Abort() override { context_->TryCancel(); }

 private:
  // What can be refused without reading anything.
  absl::Status Refusal() {
    if (method_ == nullptr) {
      core_.metrics.refused_early.With({"unknown_method"}).Add();
      return core::MakeError(absl::StatusCode::kUnimplemented, errors::v1::REASON_UNKNOWN_METHOD,
                             "no such service or method in this hub");
    }
    if (core_.draining) {
      core_.metrics.refused_early.With({"draining"}).Add();
      return Stopping();
    }
    auto& counter = method_->unary ? core_.unary_calls : core_.streams;
    counter_ = &counter;
    const std::size_t most = method_->unary ? core_.options.max_unary_calls : core_.options.max_streams;
    if (++counter <= most) return absl::OkStatus();
    core_.metrics.refused_early.With({"overloaded"}).Add();
    return core::LimitError(errors::v1::REASON_OVERLOADED, "too many calls in progress", core_.options.retry_after);
  }

  // The room is the handler's, not the transport's: it is free before the caller can know the answer.
  void LeaveRoom() {
    auto* counter = counter_.exchange(nullptr);
    if (counter != nullptr) --*counter;
  }

  void RefuseEarly(const char* cause, const absl::Status& status) {
    core_.metrics.refused_early.With({cause}).Add();
    grpc::ServerGenericBidiReactor::Finish(ToGrpc(status));
  }

  void Begin() {
    flow_ = std::make_shared<CallFlow>(core_, *method_, HeadOf(*context_), shared_from_this());
    const auto flow = flow_;  // it may end, and let go of us, at once
    if (gone_) flow->ClientGone();
    flow->Begin();
  }

  ServerCore& core_;
  grpc::GenericCallbackServerContext* const context_;
  const Method* const method_;
  const std::string name_;
  std::atomic<std::atomic<std::size_t>*> counter_{nullptr};
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<ServerCall> self_;
  // Loop thread only.
  std::shared_ptr<CallFlow> flow_;
  bool gone_ = false;
};

}  // namespace

grpc::ServerGenericBidiReactor* GenericService::CreateReactor(grpc::GenericCallbackServerContext* context) {
  // "/package.Service/Method"
  std::string name = context->method();
  if (!name.empty()) name.erase(0, 1);
  const Method* method = RegistryAccess::Find(core_.registry, name);
  auto call = std::make_shared<ServerCall>(core_, context, method, std::move(name));
  ServerCall* reactor = call.get();
  reactor->Start(std::move(call));
  return reactor;
}

}  // namespace haven::rpc
