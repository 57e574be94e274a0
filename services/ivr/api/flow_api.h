#pragma once

#include <memory>

#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "libs/core/clock.h"
#include "libs/rpc/registry.h"
#include "libs/store/database.h"
#include "libs/store/outbox.h"
#include "services/ivr/api/facts.h"
#include "services/ivr/metrics.h"

namespace haven::ivr {

// What the handlers work with. Assembled by wire.cc; everything outlives them; loop thread only.
struct Service {
  store::Database* database = nullptr;
  store::Dispatcher* handoffs = nullptr;
  const core::Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  // Null before the first configuration.
  std::shared_ptr<const HubFacts> hub;
};

// haven.internal.ivr.v1.FlowService.
class FlowApi {
 public:
  explicit FlowApi(Service* service) : service_(*service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<internal::ivr::v1::StepResponse>> Step(rpc::CallPtr call,
                                                                    internal::ivr::v1::StepRequest request);

 private:
  Service& service_;
};

}  // namespace haven::ivr
