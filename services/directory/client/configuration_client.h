#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/deadline.h"
#include "libs/rpc/channel.h"

namespace haven::directory {

// For services that run on the hub's configuration: the newest one that the directory has told, asked for every
// `interval` and whenever Refresh says so. While the directory is away the last one stays in force. Loop thread only.
class ConfigurationClient {
 public:
  using Configuration = internal::directory::v1::GetConfigurationResponse;
  using ConfigurationPtr = std::shared_ptr<const Configuration>;

  ConfigurationClient(async::Loop& loop, std::shared_ptr<rpc::Channel> directory,
                      std::chrono::milliseconds interval = std::chrono::seconds(30));

  // Called with each new configuration; before Start.
  void OnChange(std::function<void(const ConfigurationPtr&)> handler) { handlers_.push_back(std::move(handler)); }

  void Start();
  async::Task<void> Drain(core::Deadline deadline);

  // Null until a hub has been applied and told.
  const ConfigurationPtr& current() const { return current_; }
  // The current one, waiting for the first until the deadline; null if none came.
  async::Task<ConfigurationPtr> Wait(core::Deadline deadline);
  // Asks now: the event configuration_changed has come.
  void Refresh() { wake_.NotifyAll(); }

 private:
  async::Task<void> Run();
  async::Task<absl::Status> Ask();

  std::shared_ptr<rpc::Channel> directory_;
  std::chrono::milliseconds interval_;
  std::vector<std::function<void(const ConfigurationPtr&)>> handlers_;
  ConfigurationPtr current_;
  async::Notifier wake_;
  async::Event known_;
  async::TaskGroup tasks_;
};

}  // namespace haven::directory
