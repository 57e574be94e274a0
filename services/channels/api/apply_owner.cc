#include "services/channels/api/arrival.h"
#include "services/channels/api/contact_api.h"

namespace haven::channels {

async::Task<absl::StatusOr<wire::ApplyOwnerResponse>> ContactApi::ApplyOwner(rpc::CallPtr call,
                                                                             wire::ApplyOwnerRequest request) {
  Input input;
  OwnerChange change;
  change.arrival = ArrivalOf(request.handoff(), &input);
  change.contact = ContactId(input.Uuid("contactId", request.contact_id()));
  const bool agent = request.owner_kind() == v1::OWNER_KIND_AGENT;
  input.Require(agent || request.owner_kind() == v1::OWNER_KIND_QUEUE, "ownerKind", "must be queue or agent");
  input.Require(!agent || !request.agent_id().empty(), "agentId", "is required for an agent");
  input.Require(request.epoch() >= 1, "epoch", "must be 1 or more");
  if (auto status = input.status(); !status.ok()) co_return status;
  // The conversation tells who joined: a name that is not known yet would stay missing there.
  if (auto hub = HubOf(service_); !hub.ok()) co_return hub.status();
  change.owner.epoch = request.epoch();
  change.owner.kind = static_cast<OwnerKind>(request.owner_kind());
  change.owner.agent = UserId(request.agent_id());
  change.owner.queue = request.queue();
  change.owner.transferred = request.transferred();
  const Author author = AuthorFor(service_, change.owner.agent);
  change.agent_name = author.name;
  change.public_name = author.public_name;
  auto status = co_await channels::ApplyOwner(service_.context, call->deadline(), std::move(change));
  if (!status.ok()) co_return status;
  co_return wire::ApplyOwnerResponse();
}

}  // namespace haven::channels
