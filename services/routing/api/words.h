#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "haven/channels/v1/conversation.pb.h"
#include "haven/routing/v1/routing.pb.h"
#include "libs/rpc/call.h"
#include "services/routing/store/engine.h"
#include "services/routing/store/ledger.h"

// Conversions between the wire's words and the engine's.
namespace haven::routing::api {

// "available"; empty for UNSPECIFIED.
std::string_view ActivityCode(v1::Activity activity);
v1::Activity ActivityOf(std::string_view code);
Activity EngineActivity(v1::Activity activity);

// "webchat"; empty for UNSPECIFIED.
std::string_view ChannelCode(haven::channels::v1::Channel channel);

void SetTime(absl::Time time, google::protobuf::Timestamp* out);

// Spans of the engine count from its reply: `now` is the wall time it came.
v1::AgentState ToProto(const LiveAgent& agent, absl::Time now);
v1::Assignment ToProto(const LedgerEntry& entry);

// The agent a call is about: staff act as themselves (a supervisor may name another where `supervisor_may`), an
// integrator names one. INVALID_ARGUMENT or PERMISSION_DENIED.
absl::StatusOr<std::string> ActingAgent(const rpc::Call& call, const std::string& named, bool supervisor_may = false);
// "user:<id>" or "key:<id>": whose request ids they are.
std::string CallerKey(const rpc::Call& call);

}  // namespace haven::routing::api
