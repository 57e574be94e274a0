#include "services/routing/domain/model.h"

#include <algorithm>

namespace haven::routing {
namespace {

std::int64_t Ms(Time t) {
  return t.time_since_epoch().count();
}

std::string WrapUpSlot(const ContactId& contact, std::int64_t epoch) {
  return contact.value() + "#" + std::to_string(epoch);
}

}  // namespace

void Model::Begin(Time clock) {
  const std::int64_t raw = Ms(clock);
  if (started_ && (raw < raw_ || raw - raw_ > kClockJump.count())) offset_ += raw_ - raw;
  started_ = true;
  raw_ = raw;
  now_ = raw + offset_;
}

void Model::Flush() {
  for (Agent* a : touched_) a->version = std::max(a->version + 1, now_);
  touched_.clear();
  for (; told_ < events_.size(); ++told_) {
    Event& e = events_[told_];
    if (e.contact.empty()) e.sequence = agents_.at(e.agent).version;
  }
}

Model::Contact* Model::FindContact(const ContactId& id) {
  const auto it = contacts_.find(id);
  return it == contacts_.end() ? nullptr : &it->second;
}

Model::Agent* Model::FindAgent(const AgentId& id) {
  const auto it = agents_.find(id);
  return it == agents_.end() ? nullptr : &it->second;
}

Model::Agent* Model::FindLiveAgent(const AgentId& id) {
  Agent* a = FindAgent(id);
  return a != nullptr && !a->removed ? a : nullptr;
}

bool Model::KnownLane(const LaneId& lane) const {
  const auto it = lanes_.find(lane);
  return it != lanes_.end() && it->second.known;
}

void Model::Note(std::string kind, const Contact* c, const AgentId& agent, std::int64_t deadline, std::string code) {
  Event e{.kind = std::move(kind), .at = now_, .agent = agent, .deadline = deadline, .code = std::move(code)};
  if (c != nullptr) {
    e.contact = c->id;
    e.conversation = c->conversation;
    e.queue = c->queue;
    e.epoch = c->epoch;
    e.sequence = c->sequence;
    if (e.kind == "contact_offered" || e.kind.starts_with("reservation_")) {
      e.reservation = Reservation{c->id, c->epoch, c->reservation}.ToString();
    }
  }
  events_.push_back(std::move(e));
}

void Model::Arm(std::int64_t due, std::string item) {
  Disarm(item);
  deadlines_.emplace(due, item);
  due_.emplace(std::move(item), due);
}

void Model::Disarm(const std::string& item) {
  const auto it = due_.find(item);
  if (it == due_.end()) return;
  deadlines_.erase({it->second, item});
  due_.erase(it);
}

Code Model::UpsertLane(Time clock, const LaneSpec& spec) {
  Begin(clock);
  Lane& lane = lanes_[spec.lane];
  if (lane.known && spec.revision < lane.spec.revision) return Finish(Code::kStale);
  lane.spec = spec;
  lane.known = true;
  MatchLane(spec.lane);
  return Finish(Code::kOk);
}

Code Model::RemoveLane(Time clock, const LaneId& id, std::int64_t revision) {
  Begin(clock);
  if (!KnownLane(id)) return Finish(Code::kSame);
  Lane& lane = lanes_[id];
  if (revision < lane.spec.revision) return Finish(Code::kStale);
  if (!lane.waiting.empty()) return Finish(Code::kBusy);
  lane.known = false;
  return Finish(Code::kOk);
}

Code Model::UpsertAgent(Time clock, const AgentSpec& spec) {
  Begin(clock);
  Agent* a = FindAgent(spec.agent);
  if (a != nullptr && spec.revision < a->spec.revision) return Finish(Code::kStale);
  if (a == nullptr) {
    a = &agents_[spec.agent];
    a->activity_since = a->idle_since = now_;
  }
  a->spec = spec;
  a->removed = false;
  Touch(*a);
  MatchAgent(*a);
  return Finish(Code::kOk);
}

Code Model::RemoveAgent(Time clock, const AgentId& agent, std::int64_t revision) {
  Begin(clock);
  Agent* a = FindAgent(agent);
  if (a == nullptr) return Finish(Code::kSame);
  if (revision < a->spec.revision) return Finish(Code::kStale);
  a->spec.revision = revision;
  a->removed = true;
  Touch(*a);
  MatchContacts(Withdraw(*a));
  return Finish(Code::kOk);
}

Model::AcceptAnswer Model::AcceptBegin(Time clock, const Reservation& r, const AgentId& agent) {
  Begin(clock);
  Contact* c = FindContact(r.contact);
  if (c == nullptr) return Finish(AcceptAnswer{.code = ready_ ? Code::kLostRace : Code::kRestoring});
  if (c->place == Place::kAssigned && c->agent == agent && c->epoch == r.epoch + 1) {
    return Finish(AcceptAnswer{Code::kOk, c->sequence, true});
  }
  if (c->epoch != r.epoch || c->reservation != r.number || c->agent != agent) return Finish(AcceptAnswer{});
  if (c->place != Place::kOffered && c->place != Place::kAccepting) return Finish(AcceptAnswer{});
  c->place = Place::kAccepting;
  return Finish(AcceptAnswer{Code::kOk, c->sequence, false});
}

Code Model::AcceptUndo(Time clock, const Reservation& r) {
  Begin(clock);
  Contact* c = FindContact(r.contact);
  if (c == nullptr || c->place != Place::kAccepting || c->epoch != r.epoch || c->reservation != r.number) {
    return Finish(Code::kSame);
  }
  Agent* a = GiveBack(*c, "reservation_revoked");
  MatchContact(*c);
  if (a != nullptr) MatchAgent(*a);
  return Finish(Code::kOk);
}

Code Model::Decline(Time clock, const Reservation& reservation, const AgentId& agent, Span hold) {
  Begin(clock);
  return EndOffer(reservation, agent, hold, "reservation_declined");
}

Code Model::Revoke(Time clock, const Reservation& reservation, Span hold) {
  Begin(clock);
  return EndOffer(reservation, {}, hold, "reservation_revoked");
}

Code Model::EndOffer(const Reservation& r, const AgentId& agent, Span hold, const char* event) {
  Contact* c = FindContact(r.contact);
  if (c == nullptr || c->epoch != r.epoch || c->reservation != r.number || (!agent.empty() && agent != c->agent)) {
    return Finish(Code::kLostRace);
  }
  if (c->place == Place::kAccepting) return Finish(Code::kWrongState);
  if (c->place != Place::kOffered) return Finish(Code::kLostRace);
  if (hold > Span::zero()) AddHold(*c, c->agent, now_ + hold.count());
  if (c->preferred == c->agent) DropPreference(*c);
  Agent* a = GiveBack(*c, event);
  MatchContact(*c);
  if (a != nullptr) MatchAgent(*a);
  return Finish(Code::kOk);
}

Code Model::SetWrapUp(Time clock, const WrapUp& w, const ContactId& contact) {
  Begin(clock);
  Agent* a = FindAgent(w.agent);
  const std::string slot = WrapUpSlot(contact, w.epoch);
  if (a == nullptr || !a->slots.contains(slot)) return Finish(Code::kSame);
  if (w.remaining > Span::zero()) {
    const std::int64_t due = now_ + w.remaining.count();
    Arm(due, "w|" + w.agent.value() + "|" + slot);
    Touch(*a);
    Contact about;
    if (const Contact* c = FindContact(contact)) about = *c;
    about.id = contact;
    about.epoch = w.epoch;
    Note("wrap_up_started", &about, w.agent, due);
  } else {
    EndWrapUp(w.agent, contact, w.epoch);
    MatchAgent(*a);
  }
  return Finish(Code::kOk);
}

Model::ActivityAnswer Model::SetActivity(Time clock, const AgentId& agent, const Activity& activity,
                                         std::int64_t version) {
  Begin(clock);
  Agent* a = FindLiveAgent(agent);
  if (a == nullptr) return Finish(ActivityAnswer{.code = ready_ ? Code::kNotFound : Code::kRestoring});
  const bool nothing_new = version == 0 ? a->activity == activity : version <= a->activity_version;
  if (nothing_new) {
    return Finish(ActivityAnswer{Code::kSame, a->activity, a->activity_version, a->activity_since});
  }
  a->activity = activity;
  a->activity_since = now_;
  a->activity_version = version > 0 ? version : std::max(a->activity_version + 1, now_);
  if (activity.routable) a->idle_since = now_;
  Touch(*a);
  Note("agent_activity", nullptr, agent, 0, activity.code);
  if (activity.routable) {
    MatchAgent(*a);
  } else {
    MatchContacts(Withdraw(*a));
  }
  return Finish(ActivityAnswer{Code::kOk, a->activity, a->activity_version, a->activity_since});
}

Code Model::AssertPresence(Time clock, const AgentId& agent, const ConnectionId& connection, std::int64_t lease,
                           Span ttl) {
  Begin(clock);
  return Presence(agent, connection, lease * 2, ttl, false);
}

Code Model::ReleasePresence(Time clock, const AgentId& agent, const ConnectionId& connection, std::int64_t lease,
                            Span grace) {
  Begin(clock);
  // A release is newer than the assertion of the same number.
  return Presence(agent, connection, lease * 2 + 1, grace, true);
}

Code Model::Presence(const AgentId& agent, const ConnectionId& connection, std::int64_t lease, Span lasts,
                     bool release) {
  Agent* a = FindLiveAgent(agent);
  if (a == nullptr) return Finish(ready_ ? Code::kNotFound : Code::kRestoring);
  const auto known = a->connections.find(connection);
  if (known != a->connections.end() && lease < known->second.number) return Finish(Code::kStale);
  if (known == a->connections.end()) {
    if (release) return Finish(Code::kSame);
    if (a->connections.size() >= kMaxConnectionsPerAgent) return Finish(Code::kLimit);
  }
  const std::int64_t due = now_ + lasts.count();
  a->connections[connection] = Lease{lease, due};
  Arm(due, "p|" + agent.value() + "|" + connection.value());
  if (!a->present) {
    a->present = true;
    a->idle_since = now_;
    Touch(*a);
    Note("agent_presence", nullptr, agent, 0, "present");
    MatchAgent(*a);
  }
  return Finish(Code::kOk);
}

Code Model::SweepAgent(Time clock, const AgentId& agent) {
  Begin(clock);
  Agent* a = FindAgent(agent);
  if (a == nullptr) return Finish(Code::kNotFound);
  if (a->removed && a->slots.empty()) {
    agents_.erase(agent);
    return Finish(Code::kSame);
  }
  if (!a->Up()) MatchContacts(Withdraw(*a));
  MatchAgent(*a);
  return Finish(Code::kOk);
}

void Model::SetReady(Time clock) {
  Begin(clock);
  ready_ = true;
  Flush();
}

std::optional<Reservation> Reservation::Parse(std::string_view text) {
  const auto number_at = text.rfind(':');
  if (number_at == std::string_view::npos || number_at == 0) return std::nullopt;
  const auto epoch_at = text.rfind(':', number_at - 1);
  if (epoch_at == std::string_view::npos || epoch_at == 0) return std::nullopt;
  const auto digits = [](std::string_view part) -> std::optional<std::int64_t> {
    if (part.empty() || part.size() > 16) return std::nullopt;
    std::int64_t n = 0;
    for (const char ch : part) {
      if (ch < '0' || ch > '9') return std::nullopt;
      n = n * 10 + (ch - '0');
    }
    return n;
  };
  const auto epoch = digits(text.substr(epoch_at + 1, number_at - epoch_at - 1));
  const auto number = digits(text.substr(number_at + 1));
  if (!epoch || !number) return std::nullopt;
  return Reservation{ContactId(std::string(text.substr(0, epoch_at))), *epoch, *number};
}

}  // namespace haven::routing
