#include "services/directory/client/configuration_client.h"

#include <utility>

#include "libs/core/log.h"

namespace haven::directory {
namespace {

constexpr std::chrono::milliseconds kCallTimeout{5000};
constexpr std::chrono::milliseconds kRetry{500};  // while there is none

const core::Logger& Log() {
  static const core::Logger logger("directory_client");
  return logger;
}

}  // namespace

ConfigurationClient::ConfigurationClient(async::Loop& loop, std::shared_ptr<rpc::Channel> directory,
                                         std::chrono::milliseconds interval)
    : directory_(std::move(directory)), interval_(interval), tasks_(loop, "directory.client") {}

void ConfigurationClient::Start() {
  tasks_.Spawn(Run());
}

async::Task<void> ConfigurationClient::Drain(core::Deadline deadline) {
  co_await tasks_.Drain(deadline);
}

async::Task<ConfigurationClient::ConfigurationPtr> ConfigurationClient::Wait(core::Deadline deadline) {
  co_await known_.Wait(deadline);
  co_return current_;
}

async::Task<absl::Status> ConfigurationClient::Ask() {
  internal::directory::v1::GetConfigurationRequest request;
  if (current_) request.set_known_version(current_->version());
  rpc::CallOptions options(core::Deadline::After(kCallTimeout));
  auto response = co_await directory_->Call<internal::directory::v1::GetConfigurationRequest, Configuration>(
      "haven.internal.directory.v1.DirectoryInternalService/GetConfiguration", std::move(request), std::move(options));
  if (!response.ok()) co_return response.status();
  if (!response->has_spec()) co_return absl::OkStatus();
  current_ = std::make_shared<const Configuration>(*std::move(response));
  for (const auto& handler : handlers_) handler(current_);
  known_.Set();
  co_return absl::OkStatus();
}

async::Task<void> ConfigurationClient::Run() {
  while (!co_await async::Cancelled()) {
    if (auto status = co_await Ask(); !status.ok()) Log().Warning("configuration_not_told", {{"status", status}});
    co_await wake_.Wait(core::Deadline::After(current_ ? interval_ : std::min(kRetry, interval_)));
  }
}

}  // namespace haven::directory
