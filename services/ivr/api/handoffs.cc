#include "services/ivr/api/handoffs.h"

#include <string>
#include <utility>

#include "haven/internal/channels/v1/contact_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/core/ids.h"
#include "libs/core/log.h"

namespace haven::ivr {
namespace {

namespace channels = ::haven::internal::channels::v1;
namespace routing = ::haven::internal::routing::v1;
using ContactId = core::Id<struct ContactTag>;
using store::OutboxRow;

const core::Logger& Log() {
  static const core::Logger logger("ivr");
  return logger;
}

template <class Req, class Resp>
async::Task<absl::Status> Deliver(std::shared_ptr<rpc::Channel> channel, std::string method, core::Deadline deadline,
                                  OutboxRow row) {
  Req request;
  if (!request.ParseFromString(row.payload)) co_return absl::InvalidArgumentError("payload of a hand-off is malformed");
  auto* handoff = request.mutable_handoff();
  handoff->set_caller("ivr");
  handoff->set_aggregate(row.aggregate);
  handoff->set_sequence(row.sequence);
  handoff->set_previous(row.previous);
  rpc::CallOptions options(deadline);
  auto response = co_await channel->Call<Req, Resp>(std::move(method), std::move(request), std::move(options));
  co_return response.status();
}

async::Task<absl::Status> Refused(Metrics* metrics, OutboxRow row, absl::Status why, bool keep) {
  metrics->handoffs_refused.With({row.kind}).Add();
  Log().Error("handoff_refused", {{"contact", ContactId(row.aggregate)}, {"kept", keep}, {"status", why}});
  if (keep) co_return why;
  co_return absl::OkStatus();
}

}  // namespace

void RegisterHandoffs(store::Dispatcher& dispatcher, std::shared_ptr<rpc::Channel> channels_channel,
                      std::shared_ptr<rpc::Channel> routing_channel, Metrics* metrics) {
  dispatcher.Register(handoff::kApplyFlowStep,
                      {[channels_channel](core::Deadline deadline, OutboxRow row) {
                         return Deliver<channels::ApplyFlowStepRequest, channels::ApplyFlowStepResponse>(
                             channels_channel, "haven.internal.channels.v1.ContactService/ApplyFlowStep", deadline,
                             std::move(row));
                       },
                       [metrics](store::Transaction& /*tx*/, OutboxRow row, absl::Status why) {
                         return Refused(metrics, std::move(row), std::move(why), false);
                       }});
  dispatcher.Register(handoff::kEnqueue, {[routing_channel](core::Deadline deadline, OutboxRow row) {
                                            return Deliver<routing::EnqueueRequest, routing::EnqueueResponse>(
                                                routing_channel, "haven.internal.routing.v1.QueueService/Enqueue",
                                                deadline, std::move(row));
                                          },
                                          [metrics](store::Transaction& /*tx*/, OutboxRow row, absl::Status why) {
                                            return Refused(metrics, std::move(row), std::move(why), true);
                                          }});
}

}  // namespace haven::ivr
