#include "services/routing/testing/violations.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace haven::routing::testing {
namespace {

constexpr int kLook = 8;  // said again on purpose: types.h is what is tested

using Fields = std::vector<std::string>;
using Entries = std::map<std::string, std::map<std::string, std::int64_t>>;  // key -> member -> score

std::int64_t Number(const std::string& text) {
  return text == "-" ? 0 : std::strtoll(text.c_str(), nullptr, 10);
}
std::string Word(const std::string& text) {
  return text == "-" ? "" : text;
}

struct Contact {
  std::string id, lane, channel, agent, preferred;
  char place = '-';
  std::int64_t score = 0;
  std::map<std::string, std::int64_t> holds{};
};
struct Agent {
  std::string id, profile;
  bool removed = false, present = false, routable = false;
  std::vector<Fields> capacity{};              // channel, slots, excluded by...
  std::map<std::string, std::string> slots{};  // slot -> kind + channel
  Fields connections{};
};
struct Lane {
  std::string channel;
  Fields profiles;
};

Fields Split(const std::string& text, char by) {
  return text == "-" ? Fields{} : Fields(absl::StrSplit(text, by));
}

struct State {
  std::map<std::string, Contact> contacts;
  std::map<std::string, Agent> agents;
  std::map<std::string, Lane> lanes;
  Entries waiting, inboxes, free, heads, due;
  bool has_heads = false;

  explicit State(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) Add(Split(line, ' '));
  }

  void Add(const Fields& f) {
    if (f[0] == "C") {
      Contact c{.id = f[1], .lane = Word(f[5]), .channel = Word(f[6]), .agent = Word(f[13]), .preferred = Word(f[16])};
      c.place = f[4][0];
      c.score = Number(f[10]);
      for (const std::string& hold : Split(f[19], ',')) {
        const Fields pair = Split(hold, '=');
        c.holds[pair[0]] = Number(pair[1]);
      }
      contacts[c.id] = c;
    } else if (f[0] == "A") {
      Agent a{.id = f[1], .profile = Word(f[4])};
      a.removed = f[3] == "1";
      a.present = f[8] == "1";
      a.routable = f[9] == "1";
      for (const std::string& cap : Split(f[5], ';')) {
        const Fields pair = Split(cap, '=');
        Fields parts = Split(pair[1], ',');
        parts.insert(parts.begin(), pair[0]);
        a.capacity.push_back(parts);
      }
      for (const std::string& slot : Split(f[6], ';')) {
        const auto at = slot.rfind('=');
        a.slots[slot.substr(0, at)] = slot.substr(at + 1);
      }
      a.connections = Split(f[7], ';');
      agents[a.id] = a;
    } else if (f[0] == "L") {
      lanes[f[1]] = Lane{Word(f[4]), Split(f[6], ',')};
    } else if (f[0] == "D") {
      due["dl"][f[1]] = Number(f[2]);
    } else {
      Entries& into = f[0] == "W" ? waiting : f[0] == "I" ? inboxes : f[0] == "F" ? free : heads;
      into[f[1]][f[2]] = Number(f[3]);
      has_heads = has_heads || f[0] == "H";
    }
  }

  std::map<std::string, int> Load(const Agent& a) const {
    std::map<std::string, int> load;
    for (const auto& [slot, value] : a.slots) ++load[value.substr(1)];
    return load;
  }

  bool IsFree(const Agent& a, const std::string& channel) const {
    if (a.removed || !a.present || !a.routable) return false;
    const auto load = Load(a);
    for (const Fields& cap : a.capacity) {
      if (cap[0] != channel) continue;
      const auto held = load.find(channel);
      if ((held == load.end() ? 0 : held->second) >= Number(cap[1])) return false;
      return std::none_of(cap.begin() + 2, cap.end(), [&](const std::string& x) { return load.contains(x); });
    }
    return false;
  }

  std::vector<const Contact*> InOrder(const std::string& lane) const {
    std::vector<const Contact*> order;
    const auto it = waiting.find(lane);
    if (it == waiting.end()) return order;
    for (const auto& [id, score] : it->second) {
      if (contacts.contains(id)) order.push_back(&contacts.at(id));
    }
    std::sort(order.begin(), order.end(),
              [](const Contact* x, const Contact* y) { return std::tie(x->score, x->id) < std::tie(y->score, y->id); });
    return order;
  }
};

bool Barred(const Contact& c, const std::string& agent, std::int64_t now) {
  const auto hold = c.holds.find(agent);
  return hold != c.holds.end() && hold->second > now;
}

class Check {
 public:
  Check(const State& state, const Rules& rules) : s_(state), rules_(rules) {}

  std::vector<std::string> All() {
    for (const auto& [id, c] : s_.contacts) Place(c);
    Entries_();
    for (const auto& [id, a] : s_.agents) AgentSlots(a);
    for (const auto& [id, a] : s_.agents) Capacity(a);
    for (const auto& [id, a] : s_.agents) FreeSets(a);
    if (rules_.at_rest) {
      Deadlines();
      for (const auto& [id, a] : s_.agents) Idle(a);
    }
    if (s_.has_heads) Heads();
    return std::move(found_);
  }

 private:
  template <class... Parts>
  void Say(const Parts&... parts) {
    found_.push_back(absl::StrCat(parts...));
  }

  // A contact is in exactly one place.
  void Place(const Contact& c) {
    Fields places;
    for (const auto& [lane, members] : s_.waiting) {
      if (members.contains(c.id)) places.push_back("lane " + lane);
    }
    for (const auto& [inbox, members] : s_.inboxes) {
      if (members.contains(c.id)) places.push_back("inbox " + inbox);
    }
    for (const auto& [id, a] : s_.agents) {
      const auto slot = a.slots.find(c.id);
      if (slot != a.slots.end()) places.push_back(absl::StrCat("slot ", id, " ", slot->second.substr(0, 1)));
    }
    std::optional<std::string> expected;
    const bool with_agent = c.place == 'o' || c.place == 'a' || c.place == 'g';
    if (c.place == 'q') expected = "lane " + c.lane;
    if (c.place == 'i') expected = absl::StrCat("inbox ", c.preferred, ":", c.channel);
    if (with_agent && s_.agents.contains(c.agent)) {
      expected = absl::StrCat("slot ", c.agent, " ", c.place == 'g' ? "g" : "o");
    }
    const Fields wanted = expected ? Fields{*expected} : Fields{};
    if (places != wanted) {
      Say("contact ", c.id, " in state ", std::string(1, c.place), " is in ", places.size(),
          " places: ", places.empty() ? "none" : places[0], places.size() > 1 ? ", " + places[1] : "", "; expected ",
          expected.value_or("none"));
    }
  }

  // Sorted sets name only contacts that are there, with their score.
  void Entries_() {
    for (const Entries* entries : {&s_.waiting, &s_.inboxes}) {
      for (const auto& [key, members] : *entries) {
        for (const auto& [id, score] : members) {
          const auto c = s_.contacts.find(id);
          if (c == s_.contacts.end() || c->second.score != score) Say(key, " holds a stray entry of ", id);
        }
      }
    }
  }

  void AgentSlots(const Agent& a) {
    for (const auto& [slot, value] : a.slots) {
      if (value[0] == 'w') continue;
      const auto c = s_.contacts.find(slot);
      if (c == s_.contacts.end() || c->second.agent != a.id) Say("agent ", a.id, " has a slot of ", slot);
    }
  }

  // Load never exceeds capacity, and no channel is handled together with one that excludes it.
  void Capacity(const Agent& a) {
    if (rules_.overloaded.contains(a.id)) return;
    const auto load = s_.Load(a);
    for (const auto& [channel, held] : load) {
      const auto cap = std::find_if(a.capacity.begin(), a.capacity.end(),
                                    [&, name = channel](const Fields& f) { return f[0] == name; });
      if (cap == a.capacity.end() || held > Number((*cap)[1])) Say("agent ", a.id, " holds ", held, " of ", channel);
    }
    // Exclusion need not be mutual: a pair is forbidden only if both channels exclude each other.
    for (const Fields& x : a.capacity) {
      for (const Fields& y : a.capacity) {
        const bool mutual =
            std::find(x.begin() + 2, x.end(), y[0]) != x.end() && std::find(y.begin() + 2, y.end(), x[0]) != y.end();
        if (x[0] < y[0] && mutual && load.contains(x[0]) && load.contains(y[0])) {
          Say("agent ", a.id, " handles ", x[0], " and ", y[0], " at once");
        }
      }
    }
  }

  void FreeSets(const Agent& a) {
    for (const Fields& cap : a.capacity) {
      const auto set = s_.free.find(a.profile + ":" + cap[0]);
      const bool in = set != s_.free.end() && set->second.contains(a.id);
      if (in != s_.IsFree(a, cap[0])) Say("agent ", a.id, in ? " is" : " is not", " in the free set of ", cap[0]);
    }
  }

  void Deadlines() {
    const auto dl = s_.due.find("dl");
    const auto armed = [&](const std::string& item) { return dl != s_.due.end() && dl->second.contains(item); };
    for (const auto& [id, c] : s_.contacts) {
      if ((c.place == 'o' || c.place == 'a') && !armed("o|" + id)) Say("offer of ", id, " has no deadline");
      if (c.place == 'i' && !armed("v|" + id)) Say("preference of ", id, " has no end");
      if (c.place == 't' && !armed("t|" + id)) Say("tombstone of ", id, " stays for ever");
    }
    for (const auto& [id, a] : s_.agents) {
      for (const auto& [slot, value] : a.slots) {
        const std::string item = absl::StrCat("w|", id, "|", slot);
        if (value[0] == 'w' && !armed(item)) Say("wrap-up ", item, " has no end");
      }
      for (const std::string& connection : a.connections) {
        const std::string item = absl::StrCat("p|", id, "|", connection.substr(0, connection.find('=')));
        if (!armed(item)) Say("lease ", item, " has no end");
      }
      if (a.present != !a.connections.empty()) Say("agent ", id, " has ", a.connections.size(), " connections");
      const bool up = !a.removed && a.present && a.routable;
      for (const auto& [slot, value] : a.slots) {
        const auto c = s_.contacts.find(slot);
        const bool offered = value[0] == 'o' && c != s_.contacts.end() && c->second.place == 'o';
        if (offered && !up) Say("agent ", id, " is away and is offered ", slot);
      }
    }
  }

  // Work conservation: an agent with room has nothing to take.
  void Idle(const Agent& a) {
    for (const Fields& cap : a.capacity) {
      const std::string& channel = cap[0];
      if (!s_.IsFree(a, channel)) continue;
      const auto inbox = s_.inboxes.find(a.id + ":" + channel);
      if (inbox != s_.inboxes.end() && !inbox->second.empty()) {
        Say("agent ", a.id, " is free and ", inbox->second.begin()->first, " waits for them");
      }
      Fields missed;
      int barred_lanes = 0;
      for (const auto& [id, lane] : s_.lanes) {
        if (lane.channel != channel) continue;
        if (std::find(lane.profiles.begin(), lane.profiles.end(), a.profile) == lane.profiles.end()) continue;
        const auto order = s_.InOrder(id);
        if (!order.empty() && Barred(*order[0], a.id, rules_.now)) ++barred_lanes;
        for (std::size_t i = 0; i < order.size() && i <= kLook; ++i) {
          if (Barred(*order[i], a.id, rules_.now)) continue;
          missed.push_back(order[i]->id);
          break;
        }
      }
      if (!missed.empty() && barred_lanes <= kLook) {
        Say("agent ", a.id, " is free for ", channel, " and ", missed[0], " waits");
      }
    }
  }

  // A profile's bound of a lane is there and not above its head.
  void Heads() {
    for (const auto& [id, lane] : s_.lanes) {
      const auto order = s_.InOrder(id);
      if (order.empty()) continue;
      for (const std::string& profile : lane.profiles) {
        const auto heads = s_.heads.find(profile + ":" + lane.channel);
        const bool there = heads != s_.heads.end() && heads->second.contains(id);
        if (!there || heads->second.at(id) > order[0]->score) {
          Say("profile ", profile, " does not see the head of ", id);
        }
      }
    }
  }

  const State& s_;
  const Rules& rules_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> Violations(const std::vector<std::string>& lines, const Rules& rules) {
  const State state(lines);
  return Check(state, rules).All();
}

std::vector<std::string> FifoViolations(const std::vector<std::string>& before_lines,
                                        const std::vector<std::string>& after_lines, std::int64_t now) {
  const State before(before_lines), after(after_lines);
  std::vector<std::string> found;
  for (const auto& [id, c] : after.contacts) {
    const auto was = before.contacts.find(id);
    if (c.place != 'o' || was == before.contacts.end() || was->second.place != 'q') continue;
    const std::string& lane = was->second.lane;
    if (c.lane != lane || c.score != was->second.score) continue;
    const auto still = after.InOrder(lane);
    for (std::size_t i = 0; i < still.size() && i <= kLook; ++i) {
      const Contact& other = *still[i];
      const auto other_was = before.contacts.find(other.id);
      const bool waited = other_was != before.contacts.end() && other_was->second.place == 'q' &&
                          other_was->second.lane == lane && other_was->second.score == other.score;
      if (waited && std::tie(other.score, other.id) < std::tie(c.score, id) && !Barred(other, c.agent, now) &&
          !Barred(other_was->second, c.agent, now)) {
        found.push_back(absl::StrCat(id, " was offered to ", c.agent, " before ", other.id, " of the same lane"));
      }
    }
  }
  return found;
}

}  // namespace haven::routing::testing
