#include "services/channels/api/handoffs.h"

#include <string>
#include <utility>

#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/core/log.h"
#include "services/channels/store/columns.h"
#include "services/channels/store/handoff_kinds.h"

namespace haven::channels {
namespace {

namespace ivr = ::haven::internal::ivr::v1;
namespace routing = ::haven::internal::routing::v1;
using store::OutboxRow;

constexpr store::Statement kContactOfRefused{"contact_of_refused",
                                             "SELECT " HAVEN_CONTACT_COLUMNS " FROM contact k WHERE k.id = $1"};

const core::Logger& Log() {
  static const core::Logger logger("channels");
  return logger;
}

template <class Req, class Resp>
async::Task<absl::Status> Deliver(std::shared_ptr<rpc::Channel> channel, std::string method, core::Deadline deadline,
                                  OutboxRow row) {
  Req request;
  if (!request.ParseFromString(row.payload)) co_return absl::InvalidArgumentError("payload of a hand-off is malformed");
  auto* handoff = request.mutable_handoff();
  handoff->set_caller("channels");
  handoff->set_aggregate(row.aggregate);
  handoff->set_sequence(row.sequence);
  handoff->set_previous(row.previous);
  rpc::CallOptions options(deadline);
  auto response = co_await channel->Call<Req, Resp>(std::move(method), std::move(request), std::move(options));
  co_return response.status();
}

// No reader is left behind: the flow could not speak, so a human being answers.
async::Task<absl::Status> EnqueueInstead(Service* service, store::Transaction& tx, OutboxRow row, absl::Status why) {
  service->metrics->fallbacks.With({row.kind}).Add();
  Log().Error("flow_step_refused", {{"contact", ContactId(row.aggregate)}, {"status", why}});
  auto rows = co_await tx.Query(kContactOfRefused, store::Params().Uuid(row.aggregate));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return absl::OkStatus();
  const Contact contact = *ReadContact(*rows, 0, 0);
  if (contact.state != ContactState::kOpen || contact.owner != OwnerKind::kFlow) co_return absl::OkStatus();
  ivr::StepRequest step;
  if (!step.ParseFromString(row.payload)) step.Clear();
  routing::EnqueueRequest request;
  request.set_contact_id(contact.id.value());
  request.set_conversation_id(contact.conversation.value());
  request.set_epoch(contact.epoch);
  request.set_channel(static_cast<v1::Channel>(contact.channel));
  // An empty queue is the hub's default one, as routing knows it at that time.
  request.set_queue(service->hub == nullptr ? "" : service->hub->spec().default_queue());
  request.set_language(contact.language);
  request.set_preferred_agent_id(step.last_agent_id());
  if (step.has_message_time()) *request.mutable_enqueue_time() = step.message_time();
  service->context.handoffs->Append(tx,
                                    {row.aggregate, handoff::kRouting, handoff::kEnqueue, request.SerializeAsString()});
  co_return absl::OkStatus();
}

async::Task<absl::Status> CountRefused(Service* service, store::Transaction& /*tx*/, OutboxRow row, absl::Status why) {
  service->metrics->fallbacks.With({row.kind}).Add();
  Log().Warning("handoff_refused", {{"contact", ContactId(row.aggregate)}, {"status", why}});
  co_return absl::OkStatus();
}

// Dropping it would lose a person: the error keeps the row, to be tried again.
async::Task<absl::Status> KeepRefused(Service* service, store::Transaction& /*tx*/, OutboxRow row, absl::Status why) {
  service->metrics->fallbacks.With({row.kind}).Add();
  Log().Error("enqueue_refused", {{"contact", ContactId(row.aggregate)}, {"status", why}});
  co_return why;
}

}  // namespace

void RegisterHandoffs(store::Dispatcher& dispatcher, std::shared_ptr<rpc::Channel> ivr_channel,
                      std::shared_ptr<rpc::Channel> routing_channel, Service* service) {
  dispatcher.Register(handoff::kStep, {[ivr_channel](core::Deadline deadline, OutboxRow row) {
                                         return Deliver<ivr::StepRequest, ivr::StepResponse>(
                                             ivr_channel, "haven.internal.ivr.v1.FlowService/Step", deadline,
                                             std::move(row));
                                       },
                                       [service](store::Transaction& tx, OutboxRow row, absl::Status why) {
                                         return EnqueueInstead(service, tx, std::move(row), std::move(why));
                                       }});
  dispatcher.Register(handoff::kEnqueue, {[routing_channel](core::Deadline deadline, OutboxRow row) {
                                            return Deliver<routing::EnqueueRequest, routing::EnqueueResponse>(
                                                routing_channel, "haven.internal.routing.v1.QueueService/Enqueue",
                                                deadline, std::move(row));
                                          },
                                          [service](store::Transaction& tx, OutboxRow row, absl::Status why) {
                                            return KeepRefused(service, tx, std::move(row), std::move(why));
                                          }});
  dispatcher.Register(handoff::kMarkLeft, {[routing_channel](core::Deadline deadline, OutboxRow row) {
                                             return Deliver<routing::MarkLeftRequest, routing::MarkLeftResponse>(
                                                 routing_channel, "haven.internal.routing.v1.QueueService/MarkLeft",
                                                 deadline, std::move(row));
                                           },
                                           [service](store::Transaction& tx, OutboxRow row, absl::Status why) {
                                             return CountRefused(service, tx, std::move(row), std::move(why));
                                           }});
}

}  // namespace haven::channels
