#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/rpc/server_core.h"
#include "libs/rpc/status.h"

namespace haven::rpc {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kFlushEnded{1};

class FlowSink final : public MessageSink {
 public:
  explicit FlowSink(std::shared_ptr<CallFlow> flow) : flow_(std::move(flow)) {}
  async::Task<bool> Write(const Message& message) override { return flow_->Write(message); }

 private:
  const std::shared_ptr<CallFlow> flow_;
};

absl::Status DeadlinePassed() {
  return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                         "the deadline had passed before the call began");
}

}  // namespace

CallFlow::CallFlow(ServerCore& core, const Method& method, RequestHead head, std::shared_ptr<CallTransport> transport)
    : core_(core),
      method_(method),
      head_(std::move(head)),
      transport_(std::move(transport)),
      begun_(std::chrono::steady_clock::now()),
      limit_(LimitOf(head_)),
      stall_(limit_) {}

core::Deadline CallFlow::LimitOf(const RequestHead& head) const {
  const auto& options = core_.options;
  if (method_.stream) {
    return head.deadline ? head.deadline->AtMost(options.max_stream) : core::Deadline::After(options.max_stream);
  }
  return head.deadline ? head.deadline->AtMost(options.max_deadline) : core::Deadline::After(options.default_deadline);
}

void CallFlow::Begin() {
  // A unary handler ends what it has begun; a streaming one is told through its waits.
  if (method_.unary) {
    asio::co_spawn(core_.loop.executor(), Run(), [](std::exception_ptr) {});
    return;
  }
  place_ = core_.open_streams.insert(core_.open_streams.end(), this);
  asio::co_spawn(core_.loop.executor(), Run(),
                 asio::bind_cancellation_slot(cancel_.slot(), [self = shared_from_this()](std::exception_ptr) {}));
}

async::Task<void> CallFlow::Run() {
  const auto self = shared_from_this();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::unique_ptr<Message> response(method_.unary ? method_.response->New() : nullptr);
  absl::Status status;
  try {
    status = co_await Admit();
    if (status.ok()) status = co_await Handle(response.get());
    if (method_.stream) co_await Flush();
  } catch (const std::exception&) {
    // What it says may quote a request: not logged.
    status = core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "internal error");
  } catch (...) {
    status = core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "internal error");
  }
  Finish(std::move(status), response.get());
}

// Everything that can refuse a call. The handler does not exist yet.
async::Task<absl::Status> CallFlow::Admit() {
  absl::StatusOr<IdentityPtr> identity = core_.authenticator.anybody();
  if (!core_.authenticator.Known(head_.credential, &identity)) {
    identity = co_await core_.authenticator.Resolve(limit_, head_.credential);
  }
  const bool open = Admits(*method_.access, options::v1::AUDIENCE_ANYBODY);
  // Whoever calls what is open to all is not turned away for a stale token: signing in must work with one.
  if (!identity.ok() && open && absl::IsUnauthenticated(identity.status())) identity = core_.authenticator.anybody();
  if (!identity.ok()) co_return identity.status();
  const auto access = CheckAccess(*method_.access, **identity);
  if (!access.ok()) co_return access;
  if (limit_.Expired()) co_return DeadlinePassed();
  if (core_.draining) co_return Stopping();
  call_ =
      std::make_shared<Call>(method_.name, *std::move(identity), limit_, head_.trace.Child(), std::move(head_.peer));
  CallAccess::SetCredential(*call_, std::move(head_.credential));
  for (auto& [key, value] : head_.metadata) CallAccess::AddMetadata(*call_, std::move(key), std::move(value));
  if (gone_) co_return absl::CancelledError();
  co_return absl::OkStatus();
}

async::Task<absl::Status> CallFlow::Handle(Message* response) {
  std::unique_ptr<Message> request(method_.request->New());
  if (!transport_->ParseRequest(request.get())) {
    co_return core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_MALFORMED_BODY,
                              "the body is not the request's message");
  }
  if (method_.unary) co_return co_await method_.unary(call_, request.get(), response);
  co_return co_await method_.stream(call_, request.get(), std::make_shared<FlowSink>(shared_from_this()));
}

void CallFlow::Finish(absl::Status status, const Message* response) {
  if (!end_.ok()) status = end_;
  bool added = false;
  status = MakePublic(std::move(status), &added);
  core_.metrics.Ended(method_.name, status, std::chrono::steady_clock::now() - begun_);
  if (added) core_.metrics.without_reason.With({method_.name}).Add();
  if (status.code() == absl::StatusCode::kInternal) {
    core_.metrics.bugs.With({method_.name}).Add();
    core_.log.WithTrace(head_.trace.TraceIdHex())
        .Error("call_failed", {{"method", core::PlainText{method_.name}}, {"error", status}, {"no_reason", added}});
  }
  if (place_) core_.open_streams.erase(*place_);
  place_.reset();
  auto transport = std::move(transport_);
  transport->Finish(status, status.ok() ? response : nullptr);
  // The call's hooks may hold the handler's objects; they go now, on the loop.
  call_.reset();
}

void CallFlow::ClientGone() {
  if (transport_ == nullptr) return;
  gone_ = true;
  if (call_) CallAccess::Cancel(*call_);
  written_.NotifyAll();
  cancel_.emit(asio::cancellation_type::terminal);
}

void CallFlow::End(absl::Status why) {
  if (transport_ == nullptr || !end_.ok()) return;
  end_ = std::move(why);
  if (call_) CallAccess::Cancel(*call_);
  written_.NotifyAll();
  cancel_.emit(asio::cancellation_type::terminal);
}

void CallFlow::WriteDone(bool ok) {
  write_pending_ = false;
  write_failed_ |= !ok;
  written_.NotifyAll();
}

async::Task<bool> CallFlow::Write(const Message& message) {
  const bool ready = co_await WaitWritten();
  if (!ready || transport_ == nullptr) co_return false;
  write_pending_ = true;
  stall_ = core::Deadline::After(core_.options.stream_stall);
  transport_->StartWrite(message);
  co_return true;
}

// Lets the last message leave before the status, unless its reader does not take it.
async::Task<void> CallFlow::Flush() {
  const auto self = shared_from_this();
  // The handler has ended; what cancelled it must not hurry this wait.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto until = end_.ok() ? stall_ : core::Deadline::After(kFlushEnded);
  while (write_pending_ && !gone_) {
    const bool woken = co_await written_.Wait(until);
    if (!woken) break;
  }
  if (write_pending_) transport_->Abort();
}

// True when nothing is in the transport's hands and more may be given to it.
async::Task<bool> CallFlow::WaitWritten() {
  const auto self = shared_from_this();
  while (write_pending_ && !gone_ && end_.ok()) {
    const bool woken = co_await written_.Wait(stall_);
    if (woken) continue;
    if (stall_.Expired() && write_pending_) {
      end_ = core::LimitError(errors::v1::REASON_OVERLOADED, "the reader stood still", core_.options.retry_after);
    }
    co_return false;
  }
  co_return transport_ != nullptr && !gone_ && end_.ok() && !write_failed_ && !limit_.Expired();
}

absl::Status Stopping() {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "the server is stopping");
}

void EndOpenStreams(ServerCore& core, const std::function<bool(const Identity&)>& of, const absl::Status& why) {
  std::vector<std::shared_ptr<CallFlow>> matching;
  for (CallFlow* flow : core.open_streams) {
    const Identity* identity = flow->identity();
    if (identity == nullptr || of(*identity)) matching.push_back(flow->shared_from_this());
  }
  for (const auto& flow : matching) flow->End(why);
}

}  // namespace haven::rpc
