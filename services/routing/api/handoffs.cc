#include "services/routing/api/handoffs.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "libs/core/error.h"

namespace haven::routing {
namespace {

namespace wire = internal::channels::v1;

// Sends one row as it was written, with its place in the order.
template <class Req, class Resp>
async::Task<absl::StatusOr<Resp>> Send(std::shared_ptr<rpc::Channel> channels, const char* method,
                                       core::Deadline deadline, store::OutboxRow row) {
  Req request;
  if (!request.ParseFromString(row.payload)) {
    co_return core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_BUG,
                              "a hand-off that cannot be read");
  }
  auto* handoff = request.mutable_handoff();
  handoff->set_caller("routing");
  handoff->set_aggregate(row.aggregate);
  handoff->set_sequence(row.sequence);
  handoff->set_previous(row.previous);
  rpc::CallOptions options(deadline);
  co_return co_await channels->Call<Req, Resp>(method, std::move(request), std::move(options));
}

async::Task<absl::Status> SendOwner(std::shared_ptr<rpc::Channel> channels, core::Deadline deadline,
                                    store::OutboxRow row) {
  auto response = co_await Send<wire::ApplyOwnerRequest, wire::ApplyOwnerResponse>(
      channels, "haven.internal.channels.v1.ContactService/ApplyOwner", deadline, std::move(row));
  co_return response.status();
}

async::Task<absl::Status> SendWrapUp(std::shared_ptr<rpc::Channel> channels, core::Deadline deadline,
                                     store::OutboxRow row) {
  auto response = co_await Send<wire::RecordWrapUpRequest, wire::RecordWrapUpResponse>(
      channels, "haven.internal.channels.v1.ContactService/RecordWrapUp", deadline, std::move(row));
  co_return response.status();
}

// ADR 1, step 8: the answer takes the ledger on before the row goes. A crash between repeats the row; the callee's
// inbox answers the same and the compare-and-set finds it done.
async::Task<absl::Status> SendClose(Router* router, std::shared_ptr<rpc::Channel> channels, core::Deadline deadline,
                                    store::OutboxRow row) {
  wire::CloseContactRequest close;
  close.ParseFromString(row.payload);
  auto response = co_await Send<wire::CloseContactRequest, wire::CloseContactResponse>(
      channels, "haven.internal.channels.v1.ContactService/CloseContact", deadline, std::move(row));
  if (!response.ok()) co_return response.status();
  if (response->closed()) co_return co_await router->ledger.Closed(deadline, close.contact_id(), close.epoch());
  auto agent = co_await router->engine.ReadAgent(deadline, AgentId(close.agent_id()));
  // Somebody who is gone cannot read what came: the contact goes back to its queue, at its old place.
  const bool away = agent.ok() && (!agent->known || !agent->present);
  co_return co_await router->ledger.Reopened(deadline, close.contact_id(), close.epoch(), away);
}

async::Task<absl::Status> DeliverProjection(Router* router, core::Deadline deadline, store::OutboxRow row) {
  co_return co_await ProjectContact(*router, deadline, row.payload);
}

}  // namespace

void RegisterHandoffs(store::Dispatcher& dispatcher, Router& router, std::shared_ptr<rpc::Channel> channels) {
  store::HandoffKind owner, close, wrap_up, projection;
  owner.deliver = [channels](core::Deadline deadline, store::OutboxRow row) {
    return SendOwner(channels, deadline, std::move(row));
  };
  close.deliver = [channels, &router](core::Deadline deadline, store::OutboxRow row) {
    return SendClose(&router, channels, deadline, std::move(row));
  };
  wrap_up.deliver = [channels](core::Deadline deadline, store::OutboxRow row) {
    return SendWrapUp(channels, deadline, std::move(row));
  };
  projection.deliver = [&router](core::Deadline deadline, store::OutboxRow row) {
    return DeliverProjection(&router, deadline, std::move(row));
  };
  dispatcher.Register(kApplyOwnerKind, std::move(owner));
  dispatcher.Register(kCloseKind, std::move(close));
  dispatcher.Register(kRecordWrapUpKind, std::move(wrap_up));
  dispatcher.Register(kProjectKind, std::move(projection));
}

}  // namespace haven::routing
