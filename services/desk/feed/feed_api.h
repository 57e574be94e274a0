#pragma once

#include <functional>
#include <memory>
#include <string>

#include "haven/desk/v1/feed_service.pb.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/registry.h"
#include "libs/telemetry/metrics.h"
#include "services/desk/feed/feed_hub.h"
#include "services/desk/feed/presence.h"

namespace haven::desk::feed {

struct FeedMetrics {
  explicit FeedMetrics(telemetry::Metrics& metrics);
  telemetry::Gauge feeds;
  telemetry::CounterFamily items;  // by kind: snapshot, reset, update, heartbeat
};

// haven.desk.v1.FeedService.
class FeedApi {
 public:
  struct Dependencies {
    FeedHub* hub;
    Presence* presence;
    const core::Clock* clock;
    core::Random* random;
    std::function<std::shared_ptr<rpc::Channel>()> routing, channels;
  };
  FeedApi(Dependencies dependencies, FeedMetrics metrics) : d_(std::move(dependencies)), metrics_(metrics) {}

  void Register(rpc::Registry& registry);

 private:
  struct View;
  async::Task<absl::Status> Watch(rpc::CallPtr call, v1::WatchRequest request,
                                  rpc::StreamWriter<v1::WatchResponse> writer);
  async::Task<absl::Status> Serve(v1::WatchRequest request, rpc::StreamWriter<v1::WatchResponse> writer, View* view);
  async::Task<absl::StatusOr<routing::v1::AgentState>> ReadAgent(std::string agent_id);
  // Views of the contacts the agent is offered or holds, by contact id.
  async::Task<absl::Status> Describe(View* view, std::vector<std::string> contact_ids, v1::Update* into);
  async::Task<absl::Status> FillMessages(const Dirty& dirty, View* view, v1::Update* into);
  async::Task<absl::Status> Collect(Dirty dirty, View* view, v1::Update* into);

  Dependencies d_;
  FeedMetrics metrics_;
};

}  // namespace haven::desk::feed
