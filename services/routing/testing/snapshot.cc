#include "services/routing/testing/snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/routing/domain/policy/agent_order.h"

namespace haven::routing::testing {
namespace {

std::string Text(const std::string& text) {
  return text.empty() ? "-" : text;
}
std::string Text(std::int64_t n) {
  return n == 0 ? "-" : absl::StrCat(n);
}
std::string Text(bool on) {
  return on ? "1" : "-";
}
template <class Tag>
std::string Text(const core::Id<Tag>& id) {
  return Text(id.value());
}

template <class... Fields>
std::string Line(const char* kind, const Fields&... fields) {
  std::string line = kind;
  ((line += " ", line += Text(fields)), ...);
  return line;
}

template <class List>
std::string Pairs(const List& list) {
  return absl::StrJoin(list, ",", [](std::string* out, const auto& pair) {
    absl::StrAppend(out, pair.first.value(), "=", pair.second);
  });
}

std::string ContactLine(const Model::Contact& c) {
  return Line("C", c.id, c.sequence, c.epoch, std::string(1, static_cast<char>(c.place)), c.lane, c.channel, c.queue,
              c.conversation, c.enqueued_at, c.score, c.left, c.offer_time.count(), c.agent, c.reservation,
              c.offer_deadline, c.preferred, c.preferred_until, c.preferred_if_away, Pairs(c.holds), Pairs(c.relax),
              c.wrap_up_agent, c.wrap_up_epoch);
}

std::string AgentLine(const AgentId& id, const Model::Agent& a) {
  const std::string capacity = absl::StrJoin(a.spec.capacity, ";", [](std::string* out, const Capacity& c) {
    absl::StrAppend(out, c.channel.value(), "=", c.slots);
    for (const ChannelId& other : c.excluded_by) absl::StrAppend(out, ",", other.value());
  });
  const std::string slots = absl::StrJoin(a.slots, ";", [](std::string* out, const auto& slot) {
    absl::StrAppend(out, slot.first, "=", std::string(1, static_cast<char>(slot.second.kind)),
                    slot.second.channel.value());
  });
  const std::string connections = absl::StrJoin(a.connections, ";", [](std::string* out, const auto& connection) {
    absl::StrAppend(out, connection.first.value(), "=", connection.second.number, ",", connection.second.due);
  });
  return Line("A", id, a.spec.revision, a.removed, a.spec.profile, capacity, slots, connections, a.present,
              a.activity.routable, a.activity.code, a.activity_version, a.activity_since, a.idle_since, a.version);
}

}  // namespace

std::vector<std::string> Snapshot(const Model& model) {
  std::vector<std::string> lines;
  for (const auto& [id, c] : model.contacts()) {
    lines.push_back(ContactLine(c));
    if (c.place == Model::Place::kInbox) {
      lines.push_back(Line("I", c.preferred.value() + ":" + c.channel.value(), id, c.score));
    }
  }
  for (const auto& [id, a] : model.agents()) {
    lines.push_back(AgentLine(id, a));
    const double order = AgentOrder(static_cast<int>(a.slots.size()), Time(Span(a.idle_since)));
    for (const ChannelId& channel : Model::FreeChannels(a)) {
      lines.push_back(Line("F", a.spec.profile.value() + ":" + channel.value(), id, static_cast<std::int64_t>(order)));
    }
  }
  for (const auto& [id, lane] : model.lanes()) {
    for (const auto& [score, contact] : lane.waiting) lines.push_back(Line("W", id, contact, score));
    if (!lane.known) continue;
    const std::string profiles =
        absl::StrJoin(lane.spec.profiles, ",", [](std::string* out, const ProfileId& p) { out->append(p.value()); });
    lines.push_back(
        Line("L", id, lane.spec.revision, lane.spec.queue, lane.spec.channel, lane.spec.offer_time.count(), profiles));
  }
  for (const auto& [due, item] : model.deadlines()) lines.push_back(Line("D", item, due));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string EventLine(const Model::Event& e) {
  std::string line = absl::StrCat("k ", e.kind, " t ", e.at);
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&line, " ", key, " ", value);
  };
  if (!e.contact.empty()) {
    add("c", e.contact.value());
    add("v", e.conversation.value());
    add("q", e.queue.value());
    add("e", absl::StrCat(e.epoch));
    if (e.sequence != 0) add("s", absl::StrCat(e.sequence));
    add("r", e.reservation);
  }
  add("a", e.agent.value());
  if (e.deadline != 0) add("d", absl::StrCat(e.deadline));
  add("x", e.code);
  if (e.contact.empty()) add("s", absl::StrCat(e.sequence));
  return line;
}

}  // namespace haven::routing::testing
