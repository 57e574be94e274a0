#include <algorithm>
#include <tuple>

#include "services/routing/domain/model.h"
#include "services/routing/domain/policy/agent_order.h"

// Places and matching. The Redis form looks at lower bounds of heads and at hints of who is free; here both are exact.
namespace haven::routing {

std::vector<ChannelId> Model::FreeChannels(const Agent& a) {
  std::vector<ChannelId> free;
  if (!a.Up()) return free;
  std::map<ChannelId, int> load;
  for (const auto& [id, slot] : a.slots) ++load[slot.channel];
  for (const Capacity& cap : a.spec.capacity) {
    const auto held = load.find(cap.channel);
    const bool room = (held == load.end() ? 0 : held->second) < cap.slots;
    const bool excluded = std::any_of(cap.excluded_by.begin(), cap.excluded_by.end(),
                                      [&](const ChannelId& other) { return load.contains(other); });
    if (room && !excluded) free.push_back(cap.channel);
  }
  return free;
}

namespace {

bool IsFree(const Model::Agent& a, const ChannelId& channel) {
  const auto free = Model::FreeChannels(a);
  return std::find(free.begin(), free.end(), channel) != free.end();
}

// Whether x goes before y (null: nobody): by score, then by id.
bool Before(const Model::Contact& x, const Model::Contact* y) {
  return y == nullptr || std::tie(x.score, x.id) < std::tie(y->score, y->id);
}

bool Handles(const Model::Agent& a, const ChannelId& channel) {
  return std::any_of(a.spec.capacity.begin(), a.spec.capacity.end(),
                     [&](const Capacity& cap) { return cap.channel == channel; });
}

}  // namespace

bool Model::Barred(const Contact& c, const AgentId& agent) const {
  return std::any_of(c.holds.begin(), c.holds.end(),
                     [&](const auto& hold) { return hold.first == agent && hold.second > now_; });
}

void Model::DropPreference(Contact& c) {
  c.preferred = {};
  c.preferred_until = 0;
  c.preferred_if_away = false;
  Disarm("v|" + c.id.value());
}

void Model::Exit(Contact& c) {
  if (c.place == Place::kLane) lanes_[c.lane].waiting.erase({c.score, c.id});
  if (c.place == Place::kInbox) inboxes_[{c.preferred, c.channel}].erase({c.score, c.id});
}

void Model::Enter(Contact& c) {
  if (!c.preferred.empty()) {
    const Agent* a = FindLiveAgent(c.preferred);
    const bool serves = a != nullptr && Handles(*a, c.channel) && !Barred(c, c.preferred);
    if (!serves || !(c.preferred_if_away || a->Up())) DropPreference(c);
  }
  c.place = c.preferred.empty() ? Place::kLane : Place::kInbox;
  Waiting& into = c.place == Place::kLane ? lanes_[c.lane].waiting : inboxes_[{c.preferred, c.channel}];
  into.emplace(c.score, c.id);
}

void Model::AddHold(Contact& c, const AgentId& agent, std::int64_t until) {
  std::erase_if(c.holds, [&](const auto& hold) { return hold.first == agent; });
  c.holds.emplace_back(agent, until);
  if (c.holds.size() > kMaxHoldsPerContact) c.holds.erase(c.holds.begin());
  std::int64_t next = c.holds.front().second;
  for (const auto& hold : c.holds) next = std::min(next, hold.second);
  Arm(next, "h|" + c.id.value());
}

Model::Agent* Model::GiveBack(Contact& c, const char* event) {
  Agent* a = FindAgent(c.agent);
  Note(event, &c, c.agent);
  Disarm("o|" + c.id.value());
  if (a != nullptr) {
    a->slots.erase(c.id.value());
    Touch(*a);
  }
  c.agent = {};
  c.offer_deadline = 0;
  Enter(c);
  return a;
}

void Model::Offer(Contact& c, Agent& a) {
  Exit(c);
  c.place = Place::kOffered;
  c.agent = a.spec.agent;
  c.reservation = std::max(c.reservation + 1, now_);
  c.offer_deadline = now_ + c.offer_time.count();
  Arm(c.offer_deadline, "o|" + c.id.value());
  a.slots[c.id.value()] = Slot{SlotKind::kOffered, c.channel};
  Touch(a);
  Note("contact_offered", &c, a.spec.agent, c.offer_deadline);
}

bool Model::MatchContact(Contact& c) {
  if (!ready_) return false;
  if (c.place == Place::kInbox) {
    Agent* a = FindLiveAgent(c.preferred);
    if (a == nullptr || !IsFree(*a, c.channel)) return false;
    Offer(c, *a);
    return true;
  }
  if (c.place != Place::kLane || !KnownLane(c.lane)) return false;
  // Behind a head that nobody is kept from taking there is nobody free for it either.
  const Contact* head = FindContact(lanes_[c.lane].waiting.begin()->second);
  if (head != &c && head->holds.empty()) return false;
  // Of each profile the first in agent order; between profiles the lower order, then the profile that comes first.
  Agent* best = nullptr;
  for (const ProfileId& profile : lanes_[c.lane].spec.profiles) {
    Agent* first = nullptr;
    for (auto& [id, a] : agents_) {
      if (a.spec.profile != profile || !IsFree(a, c.channel) || Barred(c, id)) continue;
      const auto order = [](const Agent& x) {
        return AgentOrder(static_cast<int>(x.slots.size()), Time(Span(x.idle_since)));
      };
      if (first == nullptr || order(a) < order(*first)) first = &a;
    }
    if (first == nullptr) continue;
    const auto order = [](const Agent& x) {
      return AgentOrder(static_cast<int>(x.slots.size()), Time(Span(x.idle_since)));
    };
    if (best == nullptr || order(*first) < order(*best)) best = first;
  }
  if (best == nullptr) return false;
  Offer(c, *best);
  return true;
}

Model::Contact* Model::FirstInInbox(const Agent& a, const ChannelId& channel) {
  const auto it = inboxes_.find({a.spec.agent, channel});
  return it == inboxes_.end() || it->second.empty() ? nullptr : FindContact(it->second.begin()->second);
}

Model::Contact* Model::FirstInLane(const Lane& lane, const AgentId& agent) {
  int looked = 0;
  for (const auto& [score, id] : lane.waiting) {
    if (looked++ > kLookAhead) break;
    Contact* c = FindContact(id);
    if (!Barred(*c, agent)) return c;
  }
  return nullptr;
}

Model::Contact* Model::BestHead(const Agent& a, const ChannelId& channel) {
  std::set<std::pair<std::int64_t, LaneId>> heads;
  for (const auto& [id, lane] : lanes_) {
    const auto& profiles = lane.spec.profiles;
    const bool serves = lane.known && lane.spec.channel == channel &&
                        std::find(profiles.begin(), profiles.end(), a.spec.profile) != profiles.end();
    if (serves && !lane.waiting.empty()) heads.emplace(lane.waiting.begin()->first, id);
  }
  Contact* best = nullptr;
  int looked_at = 0;
  for (const auto& [score, id] : heads) {
    if ((best != nullptr && score > best->score) || looked_at++ == kMaxLanesLookedAt) break;
    Contact* c = FirstInLane(lanes_[id], a.spec.agent);
    if (c != nullptr && Before(*c, best)) best = c;
  }
  return best;
}

void Model::MatchAgent(Agent& a) {
  if (!ready_ || a.removed) return;
  for (;;) {
    Contact* best = nullptr;
    const auto consider = [&](Contact* c) {
      if (c != nullptr && Before(*c, best)) best = c;
    };
    for (const ChannelId& channel : FreeChannels(a)) {
      consider(FirstInInbox(a, channel));
      consider(BestHead(a, channel));
    }
    if (best == nullptr) return;
    Offer(*best, a);
  }
}

void Model::MatchLane(const LaneId& lane) {
  if (!ready_) return;
  std::vector<ContactId> waiting;
  for (const auto& [score, id] : lanes_[lane].waiting) waiting.push_back(id);
  for (const ContactId& id : waiting) {
    Contact* c = FindContact(id);
    if (!MatchContact(*c) && c->holds.empty()) break;
  }
}

std::vector<Model::Contact*> Model::Withdraw(Agent& a) {
  std::vector<Contact*> back;
  for (const auto& [id, slot] : a.slots) {
    if (slot.kind != SlotKind::kOffered) continue;
    Contact* c = FindContact(ContactId(id));
    if (c != nullptr && c->place == Place::kOffered && c->agent == a.spec.agent) back.push_back(c);
  }
  std::sort(back.begin(), back.end(),
            [](const Contact* x, const Contact* y) { return std::tie(x->score, x->id) < std::tie(y->score, y->id); });
  for (Contact* c : back) GiveBack(*c, "reservation_revoked");
  return back;
}

void Model::MatchContacts(const std::vector<Contact*>& list) {
  for (Contact* c : list) MatchContact(*c);
}

}  // namespace haven::routing
