// Live figures and the registration of the public service.
#include <map>
#include <utility>

#include "services/routing/api/routing_api.h"
#include "services/routing/api/words.h"

namespace haven::routing::api {

void RoutingApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.routing.v1.RoutingService";
  registry.Unary(service + "/SetActivity", this, &RoutingApi::SetActivity);
  registry.Unary(service + "/GetAgentState", this, &RoutingApi::GetAgentState);
  registry.Unary(service + "/AcceptReservation", this, &RoutingApi::AcceptReservation);
  registry.Unary(service + "/DeclineReservation", this, &RoutingApi::DeclineReservation);
  registry.Unary(service + "/CompleteContact", this, &RoutingApi::CompleteContact);
  registry.Unary(service + "/FinishWrapUp", this, &RoutingApi::FinishWrapUp);
  registry.Unary(service + "/ExtendWrapUp", this, &RoutingApi::ExtendWrapUp);
  registry.Unary(service + "/TransferContact", this, &RoutingApi::TransferContact);
  registry.Unary(service + "/ListQueueFigures", this, &RoutingApi::ListQueueFigures);
  registry.Implements(service);
}

Answer<v1::ListQueueFiguresResponse> RoutingApi::ListQueueFigures(rpc::CallPtr call, v1::ListQueueFiguresRequest) {
  // Many desks ask at once and a second is fresh enough: one reads, the others get its answer.
  const auto now = router_.clock.Now();
  if (now - figures_time_ < absl::Seconds(1) && now >= figures_time_) co_return figures_;
  if (auto known = router_.settings.Known(); !known.ok()) co_return known;
  auto counts = co_await router_.ledger.CountQueues(call->deadline());
  if (!counts.ok()) co_return counts.status();
  std::map<std::string, v1::QueueFigures> queues;
  for (const auto& key : router_.settings.queue_keys()) queues[key].set_queue(key);
  for (const auto& count : *counts) {
    auto& figures = queues[count.queue];
    figures.set_queue(count.queue);
    figures.set_waiting(count.waiting);
    figures.set_in_progress(count.in_progress);
    if (count.longest_wait_start) SetTime(*count.longest_wait_start, figures.mutable_longest_wait_start_time());
  }
  for (const auto& spec : router_.settings.agents()) {
    auto live = co_await router_.engine.ReadAgent(call->deadline(), spec.agent);
    if (!live.ok()) co_return live.status();
    if (!live->present || !live->activity.routable) continue;
    const auto load = static_cast<int>(live->offers.size() + live->assignments.size());
    for (const auto& key : router_.settings.QueuesOf(spec.agent.value())) {
      auto& figures = queues[key];
      figures.set_agents_available(figures.agents_available() + 1);
      if (load < router_.settings.SlotsOf(spec.agent.value())) figures.set_agents_free(figures.agents_free() + 1);
    }
  }
  v1::ListQueueFiguresResponse response;
  for (auto& [key, figures] : queues) *response.add_queues() = std::move(figures);
  figures_ = response;
  figures_time_ = now;
  co_return response;
}

}  // namespace haven::routing::api
