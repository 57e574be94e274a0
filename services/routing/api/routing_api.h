#pragma once

#include "haven/internal/routing/v1/queue_service.pb.h"
#include "haven/routing/v1/routing_service.pb.h"
#include "libs/async/task.h"
#include "libs/rpc/call.h"
#include "libs/rpc/registry.h"
#include "services/routing/api/router.h"
#include "services/routing/store/activity_writer.h"

namespace haven::routing::api {

template <class T>
using Answer = async::Task<absl::StatusOr<T>>;

// haven.routing.v1.RoutingService: each handler validates, converts, calls engine and ledger in the order of
// docs/adr/0001, converts.
class RoutingApi {
 public:
  RoutingApi(Router& router, ActivityWriter& activities) : router_(router), activities_(activities) {}
  void Register(rpc::Registry& registry);

 private:
  Answer<v1::SetActivityResponse> SetActivity(rpc::CallPtr call, v1::SetActivityRequest request);
  Answer<v1::GetAgentStateResponse> GetAgentState(rpc::CallPtr call, v1::GetAgentStateRequest request);
  Answer<v1::AcceptReservationResponse> AcceptReservation(rpc::CallPtr call, v1::AcceptReservationRequest request);
  Answer<v1::DeclineReservationResponse> DeclineReservation(rpc::CallPtr call, v1::DeclineReservationRequest request);
  Answer<v1::CompleteContactResponse> CompleteContact(rpc::CallPtr call, v1::CompleteContactRequest request);
  Answer<v1::FinishWrapUpResponse> FinishWrapUp(rpc::CallPtr call, v1::FinishWrapUpRequest request);
  Answer<v1::ExtendWrapUpResponse> ExtendWrapUp(rpc::CallPtr call, v1::ExtendWrapUpRequest request);
  Answer<v1::TransferContactResponse> TransferContact(rpc::CallPtr call, v1::TransferContactRequest request);
  Answer<v1::ListQueueFiguresResponse> ListQueueFigures(rpc::CallPtr call, v1::ListQueueFiguresRequest request);

  Router& router_;
  ActivityWriter& activities_;
  v1::ListQueueFiguresResponse figures_;
  absl::Time figures_time_ = absl::InfinitePast();
};

// haven.internal.routing.v1.QueueService.
class QueueApi {
 public:
  explicit QueueApi(Router& router) : router_(router) {}
  void Register(rpc::Registry& registry);

 private:
  Answer<internal::routing::v1::EnqueueResponse> Enqueue(rpc::CallPtr call,
                                                         internal::routing::v1::EnqueueRequest request);
  Answer<internal::routing::v1::MarkLeftResponse> MarkLeft(rpc::CallPtr call,
                                                           internal::routing::v1::MarkLeftRequest request);
  Answer<internal::routing::v1::GetOwnerResponse> GetOwner(rpc::CallPtr call,
                                                           internal::routing::v1::GetOwnerRequest request);
  Answer<internal::routing::v1::AssertPresenceResponse> AssertPresence(
      rpc::CallPtr call, internal::routing::v1::AssertPresenceRequest request);
  Answer<internal::routing::v1::ReleasePresenceResponse> ReleasePresence(
      rpc::CallPtr call, internal::routing::v1::ReleasePresenceRequest request);
  Answer<internal::routing::v1::ReadAgentsResponse> ReadAgents(rpc::CallPtr call,
                                                               internal::routing::v1::ReadAgentsRequest request);

  Router& router_;
};

}  // namespace haven::routing::api
