#include "services/desk/feed/presence.h"

#include <tuple>
#include <utility>

#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/async/wait.h"

namespace haven::desk::feed {
namespace {

namespace routing = internal::routing::v1;
constexpr std::chrono::seconds kEvery{10};
constexpr std::chrono::seconds kTimeout{3};
constexpr int kBatch = 1000;

async::Task<void> Assert(std::shared_ptr<rpc::Channel> channel, routing::AssertPresenceRequest request) {
  rpc::CallOptions options{core::Deadline::After(kTimeout)};
  // A failure is mended by the next round: the lease outlives two of them.
  std::ignore = co_await channel->Call<routing::AssertPresenceRequest, routing::AssertPresenceResponse>(
      "haven.internal.routing.v1.QueueService/AssertPresence", std::move(request), std::move(options));
}

void Put(routing::PresenceLease* out, const std::string& connection_id, const std::string& agent_id,
         std::int64_t number) {
  out->set_connection_id(connection_id);
  out->set_agent_id(agent_id);
  out->set_lease(number);
}

}  // namespace

async::Task<void> Presence::Open(std::string agent_id, std::string connection_id) {
  Lease& lease = leases_[connection_id];
  lease = {std::move(agent_id), 1};
  routing::AssertPresenceRequest request;
  Put(request.add_leases(), connection_id, lease.agent_id, lease.number);
  co_await Assert(routing_(), std::move(request));
}

void Presence::Close(const std::string& connection_id) {
  const auto found = leases_.find(connection_id);
  if (found == leases_.end()) return;
  Lease lease = std::move(found->second);
  leases_.erase(found);
  ++lease.number;
  tasks_.Spawn(Release(this, connection_id, std::move(lease)));
}

async::Task<void> Presence::Release(Presence* self, std::string connection_id, Lease lease) {
  routing::ReleasePresenceRequest request;
  Put(request.mutable_lease(), connection_id, lease.agent_id, lease.number);
  rpc::CallOptions options{core::Deadline::After(kTimeout)};
  // Else the lease runs out.
  std::ignore = co_await self->routing_()->Call<routing::ReleasePresenceRequest, routing::ReleasePresenceResponse>(
      "haven.internal.routing.v1.QueueService/ReleasePresence", std::move(request), std::move(options));
}

async::Task<void> Presence::Run(Presence* self) {
  while (co_await async::Sleep(kEvery)) {
    routing::AssertPresenceRequest request;
    for (auto& [connection, lease] : self->leases_) {
      Put(request.add_leases(), connection, lease.agent_id, ++lease.number);
      if (request.leases_size() < kBatch) continue;
      self->tasks_.Spawn(Assert(self->routing_(), std::exchange(request, {})));
    }
    if (request.leases_size() > 0) co_await Assert(self->routing_(), std::move(request));
  }
}

}  // namespace haven::desk::feed
