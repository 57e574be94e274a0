#include <algorithm>
#include <limits>

#include "services/routing/domain/model.h"

// What time does.
namespace haven::routing {

Model::TickAnswer Model::Tick(Time clock, int limit) {
  Begin(clock);
  TickAnswer answer;
  std::vector<std::string> items;
  for (const auto& [due, item] : deadlines_) {
    if (due > now_ || static_cast<int>(items.size()) == limit) break;
    items.push_back(item);
  }
  answer.more = static_cast<int>(items.size()) == limit;
  for (const std::string& item : items) {
    const auto due = due_.find(item);
    if (due == due_.end() || due->second > now_) continue;
    Due(item, answer.effects);
    Flush();
  }
  Flush();
  return answer;
}

void Model::Due(const std::string& item, std::vector<Effect>& effects) {
  const std::string rest = item.substr(2);
  const auto bar = rest.find('|');
  switch (item.front()) {
    case 'o':
      return OfferDue(item, ContactId(rest), effects);
    case 'v':
      return PreferenceDue(item, ContactId(rest));
    case 'x':
      return RelaxDue(item, ContactId(rest));
    case 'h':
      return HoldDue(item, ContactId(rest));
    case 'p':
      return PresenceDue(item, AgentId(rest.substr(0, bar)), ConnectionId(rest.substr(bar + 1)));
    case 'w': {
      const auto hash = rest.rfind('#');
      Agent* a = EndWrapUp(AgentId(rest.substr(0, bar)), ContactId(rest.substr(bar + 1, hash - bar - 1)),
                           std::stoll(rest.substr(hash + 1)));
      if (a != nullptr) MatchAgent(*a);
      return;
    }
    case 't': {
      Disarm(item);
      const Contact* c = FindContact(ContactId(rest));
      if (c != nullptr && c->place == Place::kTombstone) contacts_.erase(ContactId(rest));
      return;
    }
    default:
      return;
  }
}

void Model::OfferDue(const std::string& item, const ContactId& id, std::vector<Effect>& effects) {
  Contact* c = FindContact(id);
  if (c != nullptr && c->place == Place::kAccepting) {
    Arm(now_ + Span(kAcceptCheckLease).count(), item);
    effects.push_back({Effect::Kind::kAcceptCheck, {id, c->epoch, c->reservation}, c->agent, 0});
    return;
  }
  if (c == nullptr || c->place != Place::kOffered) return Disarm(item);
  Agent* a = FindAgent(c->agent);
  if (a != nullptr) {
    a->activity = Activity{std::string(kMissedOffer), false};
    a->activity_version = std::max(a->activity_version + 1, now_);
    a->activity_since = now_;
    Touch(*a);
    effects.push_back({Effect::Kind::kMissedOffer, {id, c->epoch, c->reservation}, c->agent, a->activity_version});
    Note("agent_activity", nullptr, c->agent, 0, a->activity.code);
  }
  if (c->preferred == c->agent) DropPreference(*c);
  GiveBack(*c, "reservation_expired");
  std::vector<Contact*> others;
  if (a != nullptr) others = Withdraw(*a);
  MatchContact(*c);
  MatchContacts(others);
}

void Model::PresenceDue(const std::string& item, const AgentId& agent, const ConnectionId& connection) {
  Agent* a = FindAgent(agent);
  const bool known = a != nullptr && a->connections.contains(connection);
  if (known && a->connections[connection].due > now_) return Arm(a->connections[connection].due, item);
  Disarm(item);
  if (!known) return;
  a->connections.erase(connection);
  if (!a->connections.empty()) return;
  a->present = false;
  Touch(*a);
  Note("agent_presence", nullptr, agent, 0, "away");
  MatchContacts(Withdraw(*a));
}

void Model::PreferenceDue(const std::string& item, const ContactId& id) {
  Contact* c = FindContact(id);
  Disarm(item);
  if (c == nullptr || c->preferred.empty()) return;
  Exit(*c);
  DropPreference(*c);
  if (c->place != Place::kInbox) return;
  Enter(*c);
  MatchContact(*c);
}

void Model::RelaxDue(const std::string& item, const ContactId& id) {
  Contact* c = FindContact(id);
  Disarm(item);
  if (c == nullptr || c->relax.empty()) return;
  if (c->place == Place::kLane) Exit(*c);
  while (!c->relax.empty() && c->relax.front().second <= now_) {
    if (KnownLane(c->relax.front().first)) c->lane = c->relax.front().first;
    c->relax.erase(c->relax.begin());
  }
  if (!c->relax.empty()) Arm(c->relax.front().second, item);
  if (c->place == Place::kLane) {
    Enter(*c);
    MatchContact(*c);
  }
}

void Model::HoldDue(const std::string& item, const ContactId& id) {
  Contact* c = FindContact(id);
  Disarm(item);
  if (c == nullptr || c->holds.empty()) return;
  std::erase_if(c->holds, [&](const auto& hold) { return hold.second <= now_; });
  if (!c->holds.empty()) {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (const auto& hold : c->holds) next = std::min(next, hold.second);
    Arm(next, item);
  }
  MatchContact(*c);
}

}  // namespace haven::routing
