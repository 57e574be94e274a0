#include <algorithm>
#include <cstdlib>

#include "services/routing/domain/model.h"
#include "services/routing/domain/policy/contact_score.h"

// Bringing a contact to a row of the ledger.
namespace haven::routing {
namespace {

constexpr std::int64_t kEarlier = 1000;  // a wrap-up's end is moved from this difference on, ms

Model::Place PlaceOf(LedgerState state) {
  switch (state) {
    case LedgerState::kQueued:
      return Model::Place::kLane;
    case LedgerState::kAssigned:
      return Model::Place::kAssigned;
    case LedgerState::kClosing:
      return Model::Place::kClosing;
    case LedgerState::kGone:
      return Model::Place::kTombstone;
  }
  return Model::Place::kTombstone;
}

const char* EventOf(LedgerState state) {
  switch (state) {
    case LedgerState::kQueued:
      return "contact_enqueued";
    case LedgerState::kAssigned:
      return "contact_assigned";
    case LedgerState::kClosing:
      return "contact_closing";
    case LedgerState::kGone:
      return "contact_ended";
  }
  return "contact_ended";
}

bool IsWaiting(Model::Place p) {
  return p == Model::Place::kLane || p == Model::Place::kInbox;
}
bool IsOffered(Model::Place p) {
  return p == Model::Place::kOffered || p == Model::Place::kAccepting;
}

std::string WrapUpSlot(const ContactId& contact, std::int64_t epoch) {
  return contact.value() + "#" + std::to_string(epoch);
}

}  // namespace

Model::Contact Model::RecordOf(const LedgerRow& row) const {
  Contact c;
  c.id = row.contact;
  c.sequence = row.sequence;
  c.epoch = row.epoch;
  c.place = PlaceOf(row.state);
  c.conversation = row.conversation;
  c.queue = row.queue;
  c.channel = row.channel;
  c.lane = row.lane;
  c.enqueued_at = row.enqueued_at.time_since_epoch().count();
  c.score = ContactScore(row);
  c.left = row.left;
  if (row.state == LedgerState::kQueued) {
    c.offer_time = lanes_.at(row.lane).spec.offer_time;
    if (row.preference) {
      c.preferred = row.preference->agent;
      c.preferred_until = now_ + row.preference->for_next.count();
      c.preferred_if_away = row.preference->if_away;
    }
    for (const RelaxStep& step : row.relax) c.relax.emplace_back(step.lane, now_ + step.after.count());
    for (const Hold& hold : row.holds) c.holds.emplace_back(hold.agent, now_ + hold.for_next.count());
  } else {
    c.agent = row.agent;
  }
  if (row.wrap_up) {
    c.wrap_up_agent = row.wrap_up->agent;
    c.wrap_up_epoch = row.wrap_up->epoch;
  }
  return c;
}

Code Model::Project(Time clock, const LedgerRow& row) {
  Begin(clock);
  Contact* old = FindContact(row.contact);
  if (old != nullptr && row.sequence < old->sequence) return Finish(Code::kStale);
  if (row.state == LedgerState::kQueued) {
    const auto known = [&](const LaneId& lane) {
      return KnownLane(lane) && lanes_[lane].spec.revision >= row.lane_revision;
    };
    const bool steps_known =
        std::all_of(row.relax.begin(), row.relax.end(), [&](const RelaxStep& s) { return known(s.lane); });
    if (!known(row.lane) || !steps_known) return Finish(Code::kUnknownLane);
  }
  const Span wrap_up = row.wrap_up ? row.wrap_up->remaining : Span::zero();
  Contact next = RecordOf(row);
  if (old != nullptr && row.sequence == old->sequence) {
    if (row.state == LedgerState::kQueued) old->offer_time = next.offer_time;
    Repair(*old, next, wrap_up);
    return Finish(Code::kSame);
  }
  if (old != nullptr && row.state == LedgerState::kQueued && old->epoch == row.epoch &&
      (IsWaiting(old->place) || IsOffered(old->place))) {
    if (next.left && !old->left) Note("contact_left", &next);
    Refresh(*old, next);
    return Finish(Code::kOk);
  }

  const bool kept_wrap_up = old != nullptr && row.wrap_up && old->wrap_up_agent == next.wrap_up_agent &&
                            old->wrap_up_epoch == next.wrap_up_epoch;
  Freed freed;
  const bool returned = old != nullptr && old->place == Place::kClosing && row.state != LedgerState::kGone;
  const AgentId from = old != nullptr ? old->agent : AgentId();
  if (old != nullptr) {
    freed = Release(*old, next);
    next.reservation = old->reservation;
  }
  if (returned) Note("contact_returned", &next, from);
  Note(EventOf(row.state), &next, next.agent);
  Contact& c = contacts_[row.contact];
  c = next;
  if (row.wrap_up && wrap_up > Span::zero()) {
    StartWrapUp(c, wrap_up);
  } else if (row.wrap_up) {
    Agent* a = kept_wrap_up ? EndWrapUp(c.wrap_up_agent, c.id, c.wrap_up_epoch) : nullptr;
    if (a != nullptr) freed.push_back(a);
    c.wrap_up_agent = {};
    c.wrap_up_epoch = 0;
  }
  if (row.state == LedgerState::kQueued) {
    ArmWaiting(c);
    Enter(c);
    MatchContact(c);
  } else if (row.state == LedgerState::kAssigned) {
    Assign(c);
  } else if (row.state == LedgerState::kGone) {
    c.lane = {};
    c.enqueued_at = c.score = 0;
    c.left = false;
    Arm(now_ + kTombstone / Span(1), "t|" + c.id.value());
  }
  for (Agent* a : freed) MatchAgent(*a);
  return Finish(Code::kOk);
}

void Model::ArmWaiting(const Contact& c) {
  if (!c.preferred.empty()) Arm(c.preferred_until, "v|" + c.id.value());
  if (!c.relax.empty()) Arm(c.relax.front().second, "x|" + c.id.value());
  if (!c.holds.empty()) {
    std::int64_t next = c.holds.front().second;
    for (const auto& hold : c.holds) next = std::min(next, hold.second);
    Arm(next, "h|" + c.id.value());
  }
}

Model::Freed Model::Release(Contact& old, const Contact& next) {
  Freed freed;
  Exit(old);
  for (const char* kind : {"v|", "x|", "h|", "o|"}) Disarm(kind + old.id.value());
  const bool stays = next.place == Place::kAssigned && next.agent == old.agent;
  if ((IsOffered(old.place) || old.place == Place::kAssigned) && !stays) {
    if (IsOffered(old.place)) Note("reservation_revoked", &old, old.agent);
    if (Agent* a = FindAgent(old.agent)) {
      a->slots.erase(old.id.value());
      if (old.place == Place::kAssigned) a->idle_since = now_;
      Touch(*a);
      freed.push_back(a);
    }
  }
  const bool same_wrap_up = next.wrap_up_agent == old.wrap_up_agent && next.wrap_up_epoch == old.wrap_up_epoch;
  if (!old.wrap_up_agent.empty() && !same_wrap_up) {
    Agent* a = EndWrapUp(old.wrap_up_agent, old.id, old.wrap_up_epoch);
    if (a != nullptr && (freed.empty() || freed.front() != a)) freed.push_back(a);
  }
  return freed;
}

void Model::Refresh(Contact& old, const Contact& next) {
  const bool waits = IsWaiting(old.place);
  if (waits) Exit(old);
  Disarm("x|" + old.id.value());
  old.sequence = next.sequence;
  old.lane = next.lane;
  old.score = next.score;
  old.left = next.left;
  old.relax = next.relax;
  old.offer_time = next.offer_time;
  if (!old.relax.empty()) Arm(old.relax.front().second, "x|" + old.id.value());
  if (waits) {
    Enter(old);
    MatchContact(old);
  }
}

void Model::Assign(Contact& c) {
  Agent* a = FindAgent(c.agent);
  if (a == nullptr) return;
  const auto slot = a->slots.find(c.id.value());
  if (slot != a->slots.end() && slot->second.kind == SlotKind::kAssigned) return;
  a->slots[c.id.value()] = Slot{SlotKind::kAssigned, c.channel};
  Touch(*a);
}

void Model::Repair(Contact& c, const Contact& row, Span wrap_up_remaining) {
  const bool waits = IsWaiting(c.place) || IsOffered(c.place);
  Exit(c);
  if (row.place == Place::kLane && waits && c.lane != row.lane) {
    Disarm("x|" + c.id.value());
    c.lane = row.lane;
    c.relax = row.relax;
  }
  if (IsWaiting(c.place)) {
    Enter(c);
  } else if (IsOffered(c.place)) {
    Agent* a = FindLiveAgent(c.agent);
    if (a == nullptr && c.place == Place::kOffered) {
      GiveBack(c, "reservation_revoked");
    } else if (a != nullptr && !a->slots.contains(c.id.value())) {
      a->slots[c.id.value()] = Slot{SlotKind::kOffered, c.channel};
      Touch(*a);
    }
  } else if (c.place == Place::kAssigned) {
    Assign(c);
  }
  if (IsWaiting(c.place) || IsOffered(c.place)) ArmWaiting(c);
  if (!c.wrap_up_agent.empty() && wrap_up_remaining > Span::zero()) {
    const std::string slot = WrapUpSlot(c.id, c.wrap_up_epoch);
    const std::string item = "w|" + c.wrap_up_agent.value() + "|" + slot;
    if (!Armed(item)) Arm(now_ + wrap_up_remaining.count(), item);
    Agent* a = FindAgent(c.wrap_up_agent);
    if (a != nullptr && !a->slots.contains(slot)) {
      a->slots[slot] = Slot{SlotKind::kWrapUp, c.channel};
      Touch(*a);
    }
  }
  MatchContact(c);
}

void Model::StartWrapUp(Contact& c, Span remaining) {
  Agent* a = FindAgent(c.wrap_up_agent);
  if (a == nullptr) return;
  const std::string slot = WrapUpSlot(c.id, c.wrap_up_epoch);
  const std::string item = "w|" + c.wrap_up_agent.value() + "|" + slot;
  const std::int64_t due = now_ + remaining.count();
  if (a->slots.contains(slot) && Armed(item) && std::abs(due_.at(item) - due) < kEarlier) return;
  Arm(due, item);
  a->slots[slot] = Slot{SlotKind::kWrapUp, c.channel};
  Touch(*a);
  Contact about = c;
  about.epoch = c.wrap_up_epoch;
  Note("wrap_up_started", &about, c.wrap_up_agent, due);
}

Model::Agent* Model::EndWrapUp(AgentId agent, ContactId contact, std::int64_t epoch) {
  Agent* a = FindAgent(agent);
  const std::string slot = WrapUpSlot(contact, epoch);
  Disarm("w|" + agent.value() + "|" + slot);
  Contact* c = FindContact(contact);
  Contact about;
  if (c != nullptr) {
    about = *c;
    if (c->wrap_up_agent == agent && c->wrap_up_epoch == epoch) {
      c->wrap_up_agent = {};
      c->wrap_up_epoch = 0;
    }
  }
  if (a == nullptr || a->slots.erase(slot) == 0) return nullptr;
  a->idle_since = now_;
  Touch(*a);
  about.id = contact;
  about.epoch = epoch;
  Note("wrap_up_ended", &about, agent);
  return a;
}

}  // namespace haven::routing
