#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/rpc/channel.h"

namespace haven::desk::feed {

// Presence leases of the feeds of this process, asserted in one call every 10 s (a lease lasts 30 s). Loop thread only.
class Presence {
 public:
  using ChannelTo = std::function<std::shared_ptr<rpc::Channel>()>;
  Presence(async::TaskGroup& tasks, ChannelTo routing) : tasks_(tasks), routing_(std::move(routing)) {}

  void Start() { tasks_.Spawn(Run(this)); }
  // The agent is offerable when this returns, if routing could be reached; otherwise within 10 s.
  async::Task<void> Open(std::string agent_id, std::string connection_id);
  void Close(const std::string& connection_id);

 private:
  struct Lease {
    std::string agent_id;
    std::int64_t number = 0;
  };
  static async::Task<void> Run(Presence* self);
  static async::Task<void> Release(Presence* self, std::string connection_id, Lease lease);

  async::TaskGroup& tasks_;
  ChannelTo routing_;
  std::map<std::string, Lease> leases_;  // by connection
};

}  // namespace haven::desk::feed
