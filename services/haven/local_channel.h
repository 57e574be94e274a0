#pragma once

#include <memory>
#include <string>

#include "services/haven/process.h"

namespace haven {

// The in-process channel under one service's identity; calls made before the server runs wait for it.
class LocalChannel final : public rpc::Channel {
 public:
  LocalChannel(Process& process, std::shared_ptr<rpc::TokenSource> identity)
      : process_(process), identity_(std::move(identity)) {}

  std::shared_ptr<rpc::Channel> As(std::shared_ptr<rpc::TokenSource> identity) override;
  async::Task<absl::Status> CallMessage(std::string method, const rpc::Message& request, rpc::Message* response,
                                        rpc::CallOptions options) override;
  async::Task<absl::StatusOr<std::string>> RawCall(std::string method, std::string request,
                                                   rpc::CallOptions options) override;
  std::unique_ptr<rpc::RawStream> StreamRaw(std::string method, std::string request, rpc::CallOptions options) override;

 private:
  async::Task<absl::StatusOr<std::shared_ptr<rpc::Channel>>> Ready(core::Deadline deadline);

  Process& process_;
  std::shared_ptr<rpc::TokenSource> identity_;
  std::shared_ptr<rpc::Channel> channel_;
};

}  // namespace haven
