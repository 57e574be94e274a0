// Accepting and declining.
#include "absl/status/status.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/seeded_fault.h"
#include "services/routing/api/routing_api.h"
#include "services/routing/api/words.h"

namespace haven::routing::api {
namespace {

// Long enough for everybody else to be asked first; an agent alone is asked again.
constexpr Span kDeclineHold = std::chrono::seconds(30);

absl::StatusOr<Reservation> ParseReservation(const std::string& id) {
  auto reservation = Reservation::Parse(id);
  if (!reservation) return core::InvalidField("reservationId", "is not one of this hub");
  return *reservation;
}

}  // namespace

Answer<v1::AcceptReservationResponse> RoutingApi::AcceptReservation(rpc::CallPtr call,
                                                                    v1::AcceptReservationRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  auto reservation = ParseReservation(request.reservation_id());
  if (!reservation.ok()) co_return reservation.status();
  auto ticket = co_await router_.engine.AcceptBegin(call->deadline(), *reservation, AgentId(*agent));
#ifdef HAVEN_SEEDED_FAULTS
  // Neither the live state nor the ledger is asked whether the offer still stands.
  if (!ticket.ok() && core::SeededFault("accept_without_epoch")) {
    ticket.emplace();
    ticket->contact = reservation->contact;
    ticket->epoch = reservation->epoch;
  }
#endif
  if (!ticket.ok()) co_return ticket.status();
  auto entry = co_await router_.ledger.Assign(call->deadline(), ticket->contact.value(), ticket->epoch, *agent);
  if (!entry.ok()) {
    // The live state promised a contact that the ledger has elsewhere: bring it back to the truth. While the ledger
    // does not answer, the deadline's check does it.
    if (absl::IsAborted(entry.status()))
      (co_await ProjectContact(router_, call->deadline(), ticket->contact.value())).IgnoreError();
    co_return entry.status();
  }
  // Confirmed here for speed; the hand-off of the same change repeats it harmlessly.
  if (!ticket->confirmed) (co_await ProjectEntry(router_, call->deadline(), *entry)).IgnoreError();
  v1::AcceptReservationResponse response;
  *response.mutable_assignment() = ToProto(*entry);
  co_return response;
}

Answer<v1::DeclineReservationResponse> RoutingApi::DeclineReservation(rpc::CallPtr call,
                                                                      v1::DeclineReservationRequest request) {
  auto agent = ActingAgent(*call, request.agent_id());
  if (!agent.ok()) co_return agent.status();
  auto reservation = ParseReservation(request.reservation_id());
  if (!reservation.ok()) co_return reservation.status();
  auto status = co_await router_.engine.Decline(call->deadline(), *reservation, AgentId(*agent), kDeclineHold);
  if (!status.ok()) co_return status;
  co_return v1::DeclineReservationResponse();
}

}  // namespace haven::routing::api
