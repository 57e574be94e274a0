#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "libs/schedule/week.h"
#include "services/ivr/domain/engine.h"

namespace haven::ivr {

// The hub's configuration, prepared for the engine. Immutable.
class HubFacts {
 public:
  using Configuration = internal::directory::v1::GetConfigurationResponse;

  explicit HubFacts(const Configuration& configuration);

  // What the engine needs to know for one step at `now`.
  Facts For(const internal::ivr::v1::StepRequest& request, absl::Time now) const;
  // The flow of the channel with this key; the built-in one for an unknown channel or flow, which is better than none.
  const Flow& FlowOf(const std::string& channel_key) const;

 private:
  Facts common_;
  absl::TimeZone zone_;
  std::unordered_map<std::string, schedule::Week> weeks_;       // by hours' key
  std::unordered_map<std::string, std::string> channel_hours_;  // channel's key to hours' key
  std::unordered_map<std::string, std::string> channel_flows_;
};

}  // namespace haven::ivr
