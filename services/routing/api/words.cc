#include "services/routing/api/words.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"

namespace haven::routing::api {
namespace {

constexpr std::array<std::pair<v1::Activity, std::string_view>, 8> kActivities{
    {{v1::ACTIVITY_AVAILABLE, "available"},
     {v1::ACTIVITY_BREAK, "break"},
     {v1::ACTIVITY_LUNCH, "lunch"},
     {v1::ACTIVITY_TRAINING, "training"},
     {v1::ACTIVITY_WELLBEING, "wellbeing"},
     {v1::ACTIVITY_BACK_OFFICE, "back_office"},
     {v1::ACTIVITY_MISSED_OFFER, kMissedOffer},
     {v1::ACTIVITY_OFFLINE, "offline"}}};

absl::Time WallOf(Time engine_time) {
  return absl::FromUnixMillis(engine_time.time_since_epoch().count());
}

}  // namespace

std::string_view ActivityCode(v1::Activity activity) {
  for (const auto& [value, code] : kActivities) {
    if (value == activity) return code;
  }
  return {};
}

v1::Activity ActivityOf(std::string_view code) {
  for (const auto& [value, name] : kActivities) {
    if (name == code) return value;
  }
  return v1::ACTIVITY_OFFLINE;
}

Activity EngineActivity(v1::Activity activity) {
  return {std::string(ActivityCode(activity)), activity == v1::ACTIVITY_AVAILABLE};
}

std::string_view ChannelCode(haven::channels::v1::Channel channel) {
  using namespace haven::channels::v1;
  switch (channel) {
    case CHANNEL_WEBCHAT:
      return "webchat";
    case CHANNEL_WHATSAPP:
      return "whatsapp";
    case CHANNEL_SMS:
      return "sms";
    case CHANNEL_MESSENGER:
      return "messenger";
    case CHANNEL_TELEGRAM:
      return "telegram";
    case CHANNEL_EMAIL:
      return "email";
    case CHANNEL_VOICE:
      return "voice";
    default:
      return {};
  }
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
  out->set_nanos(static_cast<int>((time - absl::FromUnixSeconds(out->seconds())) / absl::Nanoseconds(1)));
}

v1::AgentState ToProto(const LiveAgent& agent, absl::Time now) {
  v1::AgentState out;
  out.set_agent_id(agent.agent.value());
  out.set_activity(agent.known ? ActivityOf(agent.activity.code) : v1::ACTIVITY_OFFLINE);
  if (agent.known) SetTime(WallOf(agent.activity_since), out.mutable_activity_time());
  out.set_present(agent.present);
  out.set_version(agent.version);
  for (const auto& offer : agent.offers) {
    auto* r = out.add_reservations();
    r->set_id(offer.reservation.ToString());
    r->set_contact_id(offer.reservation.contact.value());
    r->set_conversation_id(offer.conversation.value());
    r->set_queue(offer.queue.value());
    SetTime(now + absl::FromChrono(offer.remaining), r->mutable_deadline_time());
    SetTime(absl::FromUnixMillis(offer.reservation.number), r->mutable_create_time());
    SetTime(WallOf(offer.enqueued_at), r->mutable_enqueue_time());
    r->set_direct(offer.direct);
  }
  for (const auto& held : agent.assignments) {
    auto* a = out.add_assignments();
    a->set_contact_id(held.contact.value());
    a->set_conversation_id(held.conversation.value());
    a->set_queue(held.queue.value());
    a->set_epoch(held.epoch);
    a->set_state(held.wrap_up ? v1::ASSIGNMENT_STATE_WRAP_UP : v1::ASSIGNMENT_STATE_ASSIGNED);
    if (held.wrap_up) SetTime(now + absl::FromChrono(held.remaining), a->mutable_wrap_up_end_time());
  }
  return out;
}

v1::Assignment ToProto(const LedgerEntry& entry) {
  v1::Assignment out;
  out.set_contact_id(entry.contact_id);
  out.set_conversation_id(entry.conversation_id);
  out.set_epoch(entry.epoch);
  out.set_queue(entry.queue);
  out.set_state(entry.state == EntryState::kClosing ? v1::ASSIGNMENT_STATE_CLOSING
                : entry.state == EntryState::kEnded ? v1::ASSIGNMENT_STATE_WRAP_UP
                                                    : v1::ASSIGNMENT_STATE_ASSIGNED);
  if (entry.assigned_time) SetTime(*entry.assigned_time, out.mutable_assign_time());
  if (entry.wrap_up_end) SetTime(*entry.wrap_up_end, out.mutable_wrap_up_end_time());
  return out;
}

absl::StatusOr<std::string> ActingAgent(const rpc::Call& call, const std::string& named, bool supervisor_may) {
  const auto& identity = call.identity();
  if (identity.kind == rpc::IdentityKind::kIntegrator) {
    if (!core::IsUuid(named))
      return core::InvalidField("agentId", "name the agent by its user id: a key acts for somebody");
    return named;
  }
  if (named.empty() || named == identity.subject) return identity.subject;
  if (supervisor_may && identity.HasRole(options::v1::ROLE_SUPERVISOR) && core::IsUuid(named)) return named;
  return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN, "an agent acts as itself");
}

std::string CallerKey(const rpc::Call& call) {
  return absl::StrCat(call.identity().kind == rpc::IdentityKind::kIntegrator ? "key:" : "user:",
                      call.identity().subject);
}

}  // namespace haven::routing::api
