#include "services/haven/local_channel.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven {
namespace {

absl::Status NotServing() {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         "the hub is starting or stopping");
}

class EndedStream final : public rpc::RawStream {
 public:
  async::Task<std::optional<std::string>> Next() override { co_return std::nullopt; }
  absl::Status status() const override { return NotServing(); }
  void Cancel() override {}
};

}  // namespace

async::Task<absl::StatusOr<std::shared_ptr<rpc::Channel>>> LocalChannel::Ready(core::Deadline deadline) {
  if (channel_) co_return channel_;
  if (!process_.local_) {
    const bool serving = co_await process_.serving_.Wait(deadline);
    if (!serving) co_return NotServing();
  }
  if (!process_.local_) co_return NotServing();
  channel_ = process_.local_->As(identity_);
  co_return channel_;
}

std::shared_ptr<rpc::Channel> LocalChannel::As(std::shared_ptr<rpc::TokenSource> identity) {
  return std::make_shared<LocalChannel>(process_, std::move(identity));
}

async::Task<absl::Status> LocalChannel::CallMessage(std::string method, const rpc::Message& request,
                                                    rpc::Message* response, rpc::CallOptions options) {
  auto channel = co_await Ready(options.deadline);
  if (!channel.ok()) co_return channel.status();
  co_return co_await (*channel)->CallMessage(std::move(method), request, response, std::move(options));
}

async::Task<absl::StatusOr<std::string>> LocalChannel::RawCall(std::string method, std::string request,
                                                               rpc::CallOptions options) {
  auto channel = co_await Ready(options.deadline);
  if (!channel.ok()) co_return channel.status();
  co_return co_await (*channel)->RawCall(std::move(method), std::move(request), std::move(options));
}

std::unique_ptr<rpc::RawStream> LocalChannel::StreamRaw(std::string method, std::string request,
                                                        rpc::CallOptions options) {
  if (!channel_ && process_.local_) channel_ = process_.local_->As(identity_);
  if (!channel_) return std::make_unique<EndedStream>();
  return channel_->StreamRaw(std::move(method), std::move(request), std::move(options));
}

}  // namespace haven
