#include "services/routing/store/commands.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/routing/domain/policy/contact_score.h"

namespace haven::routing::command {
namespace {

std::string Number(std::int64_t n) {
  return absl::StrCat(n);
}
std::string Number(Span span) {
  return absl::StrCat(span.count());
}
std::string Flag(bool on) {
  return on ? "1" : "0";
}

std::string StateLetter(LedgerState state) {
  switch (state) {
    case LedgerState::kQueued:
      return "q";
    case LedgerState::kAssigned:
      return "g";
    case LedgerState::kClosing:
      return "z";
    case LedgerState::kGone:
      return "t";
  }
  return "t";
}

constexpr auto kValue = [](std::string* out, const auto& id) { out->append(id.value()); };

Command EndOffer(const Reservation& r, const std::string& agent, Span hold, std::string_view event) {
  return {Step::kEndOffer,
          {r.contact.value(), Number(r.epoch), Number(r.number), agent, Number(hold), std::string(event)}};
}

}  // namespace

Command UpsertLane(const LaneSpec& lane) {
  return {Step::kLaneUpsert,
          {lane.lane.value(), Number(lane.revision), lane.queue.value(), lane.channel.value(), Number(lane.offer_time),
           absl::StrJoin(lane.profiles, ",", kValue)}};
}

Command RemoveLane(const LaneId& lane, std::int64_t revision) {
  return {Step::kLaneRemove, {lane.value(), Number(revision)}};
}

Command UpsertAgent(const AgentSpec& agent) {
  const std::string capacity = absl::StrJoin(agent.capacity, ";", [](std::string* out, const Capacity& c) {
    absl::StrAppend(out, c.channel.value(), "=", c.slots, ":", absl::StrJoin(c.excluded_by, ",", kValue));
  });
  return {Step::kAgentUpsert, {agent.agent.value(), Number(agent.revision), agent.profile.value(), capacity}};
}

Command RemoveAgent(const AgentId& agent, std::int64_t revision) {
  return {Step::kAgentRemove, {agent.value(), Number(revision)}};
}

Command Project(const LedgerRow& row) {
  const bool queued = row.state == LedgerState::kQueued;
  const auto relax = [](std::string* out, const RelaxStep& s) {
    absl::StrAppend(out, s.lane.value(), "=", s.after.count());
  };
  const auto hold = [](std::string* out, const Hold& h) {
    absl::StrAppend(out, h.agent.value(), "=", h.for_next.count());
  };
  const Preference none;
  const Preference& preference = row.preference ? *row.preference : none;
  const WrapUp no_wrap_up;
  const WrapUp& wrap_up = row.wrap_up ? *row.wrap_up : no_wrap_up;
  return {Step::kProject,
          {row.contact.value(),
           Number(row.sequence),
           Number(row.epoch),
           StateLetter(row.state),
           row.conversation.value(),
           row.queue.value(),
           row.channel.value(),
           row.lane.value(),
           Number(row.enqueued_at.time_since_epoch()),
           Number(ContactScore(row)),
           Flag(row.left),
           queued ? "" : row.agent.value(),
           preference.agent.value(),
           Number(preference.for_next),
           Flag(preference.if_away),
           absl::StrJoin(row.relax, "\n", relax),
           absl::StrJoin(row.holds, "\n", hold),
           wrap_up.agent.value(),
           Number(wrap_up.epoch),
           Number(wrap_up.remaining),
           Number(row.lane_revision)}};
}

Command AcceptBegin(const Reservation& r, const AgentId& agent) {
  return {Step::kAcceptBegin, {r.contact.value(), Number(r.epoch), Number(r.number), agent.value()}};
}

Command AcceptUndo(const Reservation& r) {
  return {Step::kAcceptUndo, {r.contact.value(), Number(r.epoch), Number(r.number)}};
}

Command Decline(const Reservation& reservation, const AgentId& agent, Span hold) {
  return EndOffer(reservation, agent.value(), hold, "reservation_declined");
}

Command Revoke(const Reservation& reservation, Span hold) {
  return EndOffer(reservation, "", hold, "reservation_revoked");
}

Command SetWrapUp(const WrapUp& w, const ContactId& contact) {
  return {Step::kSetWrapUp, {w.agent.value(), contact.value(), Number(w.epoch), Number(w.remaining)}};
}

Command SetActivity(const AgentId& agent, const Activity& activity, std::int64_t version) {
  return {Step::kSetActivity, {agent.value(), activity.code, Flag(activity.routable), Number(version)}};
}

Command Presence(const AgentId& agent, const ConnectionId& connection, std::int64_t lease, Span lasts, bool release) {
  return {Step::kPresence, {agent.value(), connection.value(), Number(lease), Number(lasts), Flag(release)}};
}

Command Tick(int limit) {
  return {Step::kTick, {Number(limit)}};
}

Command Generation(const std::string& set, const std::string& run_id) {
  return {Step::kGeneration, {set, run_id}};
}

Command ReconcileLease(const std::string& owner, Span ttl) {
  return {Step::kReconcileLease, {owner, Number(ttl)}};
}

Command SweepAgent(const AgentId& agent) {
  return {Step::kSweepAgent, {agent.value()}};
}

Command ListContacts(const std::string& cursor, int page_size) {
  return {Step::kListContacts, {cursor, Number(page_size)}};
}

Command ReadAgent(const AgentId& agent) {
  return {Step::kReadAgent, {agent.value()}};
}

std::optional<Code> ParseCode(std::string_view word) {
  constexpr std::pair<std::string_view, Code> kWords[] = {
      {"OK", Code::kOk},
      {"SAME", Code::kSame},
      {"STALE", Code::kStale},
      {"LOST_RACE", Code::kLostRace},
      {"WRONG_STATE", Code::kWrongState},
      {"NOT_FOUND", Code::kNotFound},
      {"UNKNOWN_LANE", Code::kUnknownLane},
      {"BUSY", Code::kBusy},
      {"LIMIT", Code::kLimit},
      {"RESTORING", Code::kRestoring},
  };
  for (const auto& [text, code] : kWords) {
    if (word == text) return code;
  }
  return std::nullopt;
}

std::optional<std::vector<Effect>> ParseEffects(const std::vector<std::string>& reply, std::size_t from) {
  if (reply.size() < from || (reply.size() - from) % 6 != 0) return std::nullopt;
  std::vector<Effect> effects;
  for (std::size_t i = from; i < reply.size(); i += 6) {
    Effect e;
    if (reply[i] == "accept_check") {
      e.kind = Effect::Kind::kAcceptCheck;
    } else if (reply[i] == "missed_offer") {
      e.kind = Effect::Kind::kMissedOffer;
    } else {
      return std::nullopt;
    }
    e.reservation.contact = ContactId(reply[i + 1]);
    e.agent = AgentId(reply[i + 4]);
    if (!absl::SimpleAtoi(reply[i + 2], &e.reservation.epoch) ||
        !absl::SimpleAtoi(reply[i + 3], &e.reservation.number) ||
        !absl::SimpleAtoi(reply[i + 5], &e.activity_version)) {
      return std::nullopt;
    }
    effects.push_back(std::move(e));
  }
  return effects;
}

std::string Prefix(std::string_view hub) {
  return "haven:{" + std::string(hub) + "}:r:";
}
std::string Events(std::string_view hub) {
  return "haven:{" + std::string(hub) + "}:events";
}

}  // namespace haven::routing::command
