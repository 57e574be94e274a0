// An agent's activity and state.
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/routing/api/routing_api.h"
#include "services/routing/api/words.h"

namespace haven::routing::api {

Answer<v1::SetActivityResponse> RoutingApi::SetActivity(rpc::CallPtr call, v1::SetActivityRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  if (ActivityCode(request.activity()).empty()) co_return core::InvalidField("activity", "is required");
  if (request.activity() == v1::ACTIVITY_MISSED_OFFER)
    co_return core::InvalidField("activity", "is set by the hub alone");
  auto change =
      co_await router_.engine.SetActivity(call->deadline(), AgentId(*agent), EngineActivity(request.activity()));
  if (!change.ok()) co_return change.status();
  // Redis has it; the ledger follows within a moment, for the day Redis is lost.
  activities_.Put(*agent, change->activity.code, change->version);
  v1::SetActivityResponse response;
  auto* state = response.mutable_state();
  state->set_agent_id(*agent);
  state->set_activity(ActivityOf(change->activity.code));
  SetTime(absl::FromUnixMillis(change->since.time_since_epoch().count()), state->mutable_activity_time());
  state->set_version(change->version);
  co_return response;
}

Answer<v1::GetAgentStateResponse> RoutingApi::GetAgentState(rpc::CallPtr call, v1::GetAgentStateRequest request) {
  auto agent = ActingAgent(*call, request.agent_id(), /*supervisor_may=*/true);
  if (!agent.ok()) co_return agent.status();
  auto live = co_await router_.engine.ReadAgent(call->deadline(), AgentId(*agent));
  if (!live.ok()) co_return live.status();
  v1::GetAgentStateResponse response;
  *response.mutable_state() = ToProto(*live, router_.clock.Now());
  co_return response;
}

}  // namespace haven::routing::api
