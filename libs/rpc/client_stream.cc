#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/async/completion.h"
#include "libs/async/wait.h"
#include "libs/rpc/channel_internal.h"
#include "libs/rpc/grpc_util.h"
#include "libs/rpc/status.h"

namespace haven::rpc {
namespace {

// gRPC's side of a stream; it lives until gRPC is done with it. Reactions come on gRPC's threads and post to the loop,
// where everything else happens. One message is read ahead.
class StreamReactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public std::enable_shared_from_this<StreamReactor> {
 public:
  explicit StreamReactor(async::Loop& loop) : poster_(loop) {}

  absl::Status Open(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                    const std::string& request, const CallOptions& options, TokenSource* identity) {
    const auto prepared = PrepareContext(context_, options, identity);
    if (!prepared.ok()) {
      status_ = prepared;
      ended_ = true;
      return prepared;
    }
    self_ = shared_from_this();
    request_ = FromText(request);
    grpc::GenericStub stub(channel);
    stub.PrepareBidiStreamingCall(&context_, absl::StrCat("/", method), {}, this);
    AddHold();  // reads are started from the loop, so gRPC must not be done before they are
    held_ = reading_ = true;
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&incoming_);
    StartCall();
    return absl::OkStatus();
  }

  void OnReadDone(bool ok) override {
    const auto self = shared_from_this();
    const bool posted = poster_.Post([self, ok] { self->Arrived(ok); });
    if (!ok || !posted) RemoveHold();
  }

  void OnDone(const grpc::Status& status) override {
    auto final_status = WithDefaultReason(FromGrpc(status));
    // The loop lets go of it, never gRPC's thread: the last of a channel must not end on a thread that it joins.
    poster_.Post([self = std::move(self_), final_status = std::move(final_status)]() mutable {
      self->status_ = std::move(final_status);
      self->ended_ = true;
      self->changed_.NotifyAll();
    });
  }

  // Loop thread.
  async::Task<std::optional<std::string>> Next() {
    const auto self = shared_from_this();
    while (!has_message_ && !ended_) {
      const bool woken = co_await changed_.Wait(kForever);
      if (woken) continue;
      // The reader was cancelled; the call is then too, and has no more messages for it.
      context_.TryCancel();
      cancelled_ = true;
      co_return std::nullopt;
    }
    if (!has_message_) co_return std::nullopt;
    has_message_ = false;
    std::string message = std::move(arrived_);
    if (held_) {
      reading_ = true;
      StartRead(&incoming_);
    }
    co_return message;
  }

  absl::Status status() const {
    return ended_ ? status_ : cancelled_ ? WithDefaultReason(absl::CancelledError("cancelled")) : absl::OkStatus();
  }

  void Cancel() { context_.TryCancel(); }

  // Nobody will call Next again.
  void Drop() {
    context_.TryCancel();
    dropped_ = true;
    if (!reading_) Release();
  }

 private:
  void Arrived(bool ok) {
    reading_ = false;
    if (!ok) {
      held_ = false;  // released already
      return;
    }
    arrived_ = ToText(incoming_);
    incoming_.Clear();
    has_message_ = true;
    if (dropped_) return Release();
    changed_.NotifyAll();
  }

  void Release() {
    if (held_) RemoveHold();
    held_ = false;
  }

  const core::Deadline kForever = core::Deadline::After(std::chrono::hours(24 * 365));
  async::Poster poster_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer incoming_;
  std::shared_ptr<StreamReactor> self_;
  // Loop thread only.
  std::string arrived_;
  bool has_message_ = false;
  bool held_ = false;
  bool reading_ = false;
  bool dropped_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
  absl::Status status_;
  async::Notifier changed_;
};

class GrpcStream final : public RawStream {
 public:
  explicit GrpcStream(std::shared_ptr<StreamReactor> reactor) : reactor_(std::move(reactor)) {}
  ~GrpcStream() override { reactor_->Drop(); }
  async::Task<std::optional<std::string>> Next() override { return reactor_->Next(); }
  absl::Status status() const override { return reactor_->status(); }
  void Cancel() override { reactor_->Cancel(); }

 private:
  const std::shared_ptr<StreamReactor> reactor_;
};

}  // namespace

std::unique_ptr<RawStream> OpenStream(async::Loop& loop, const std::shared_ptr<grpc::Channel>& channel,
                                      const std::string& method, std::string request, const CallOptions& options,
                                      TokenSource* identity) {
  auto reactor = std::make_shared<StreamReactor>(loop);
  // A failure to prepare is the stream's status.
  reactor->Open(channel, method, request, options, identity).IgnoreError();
  return std::make_unique<GrpcStream>(std::move(reactor));
}

}  // namespace haven::rpc
