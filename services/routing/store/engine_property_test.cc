#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/routing/testing/redis_hub.h"
#include "services/routing/testing/snapshot.h"
#include "services/routing/testing/violations.h"
#include "services/routing/testing/world.h"

// Random histories against the model and against Redis: same answers, same events, same state.
namespace haven::routing::testing {
namespace {

using Lines = std::vector<std::string>;
using History = std::vector<Op>;

struct Failure {
  std::size_t at = 0;  // operations run
  std::string what;
};

std::string Difference(const Lines& model, const Lines& redis) {
  std::string text;
  for (const std::string& line : model) {
    if (std::find(redis.begin(), redis.end(), line) == redis.end()) absl::StrAppend(&text, "  model: ", line, "\n");
  }
  for (const std::string& line : redis) {
    if (std::find(model.begin(), model.end(), line) == model.end()) absl::StrAppend(&text, "  redis: ", line, "\n");
  }
  return text.empty() ? "  same lines in another order\n" : text;
}

bool StartsWith(const Lines& reply, const Lines& expected) {
  return reply.size() >= expected.size() && std::equal(expected.begin(), expected.end(), reply.begin());
}

// A reservation ends exactly once.
class OpenReservations {
 public:
  std::string Follow(const Model::Event& e) {
    std::string& open = open_[e.contact.value()];
    if (e.kind == "offered") {
      if (!open.empty()) return absl::StrCat(e.reservation, " offered while ", open, " is open");
      if (!seen_.insert(e.reservation).second) return absl::StrCat(e.reservation, " offered twice");
      open = e.reservation;
    } else if (!e.reservation.empty()) {
      if (open != e.reservation) return absl::StrCat(e.kind, " of ", e.reservation, " while ", open, " is open");
      open.clear();
    } else if (e.kind == "assigned") {
      open.clear();
    } else if (e.kind == "queued" || e.kind == "closing" || e.kind == "ended") {
      if (!open.empty()) return absl::StrCat(e.kind, " of ", e.contact.value(), " while ", open, " is open");
    }
    return "";
  }

 private:
  std::map<std::string, std::string> open_;
  std::set<std::string> seen_;
};

// How often each step gave each answer.
using Tally = std::map<std::pair<Step, std::string>, int>;

// Runs a history on a fresh world and a fresh hub, comparing after every `batch` operations.
std::optional<Failure> Compare(const History& history, RedisHub& hub, std::size_t batch, bool with_rules,
                               Tally* tally = nullptr) {
  hub.Reset();
  World world;
  OpenReservations reservations;
  for (const auto& done : world.setup()) hub.Run(done.command, done.clock);
  hub.TakeEvents();
  world.model().TakeEvents();
  std::vector<World::Done> pending;
  Lines events;
  const auto drop = [&](std::size_t i, std::string what) {
    for (std::size_t unread = pending.size(); unread > 0; --unread) hub.Read();
    return Failure{i + 1, std::move(what)};
  };
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Lines before = with_rules ? Snapshot(world.model()) : Lines{};
    if (auto done = world.Apply(history[i])) {
      hub.Append(done->command, done->clock);
      const bool tick = done->command.step == Step::kTick;
      pending.push_back(*std::move(done));
      if (with_rules) {
        const Lines after = Snapshot(world.model());
        Lines found = tick ? Lines{} : FifoViolations(before, after, world.model().now());
        const Rules rules{.now = world.model().now(), .at_rest = false, .overloaded = world.overloaded()};
        for (std::string& violation : Violations(after, rules)) found.push_back(std::move(violation));
        if (!found.empty()) return drop(i, pending.back().text + "\n  " + absl::StrJoin(found, "\n  "));
      }
    }
    for (const Model::Event& e : world.model().TakeEvents()) {
      if (std::string wrong = reservations.Follow(e); !wrong.empty()) return drop(i, wrong);
      events.push_back(EventLine(e));
    }
    if (pending.size() < batch && i + 1 < history.size()) continue;
    std::string wrong;
    for (const World::Done& done : pending) {
      bool more = false;
      const Lines reply = hub.Read(&more);
      if (tally != nullptr) ++(*tally)[{done.command.step, reply.empty() ? "" : reply[0]}];
      if (!StartsWith(reply, done.expected) || (done.expected.size() > 1 && reply.size() != done.expected.size())) {
        absl::StrAppend(&wrong, done.text, "\n  redis answers ", absl::StrJoin(reply, " "), "\n");
      }
    }
    if (wrong.empty()) {
      const Lines model_lines = Snapshot(world.model());
      Lines heads;
      Lines redis_lines = hub.Snapshot(&heads);
      if (model_lines != redis_lines) wrong = "state\n" + Difference(model_lines, redis_lines);
      const Lines redis_events = hub.TakeEvents();
      if (wrong.empty() && events != redis_events) wrong = "events\n" + Difference(events, redis_events);
      if (wrong.empty()) {
        redis_lines.insert(redis_lines.end(), heads.begin(), heads.end());
        // Everything that was due has run only after ticks; work conservation needs no more than that no hold is
        // overdue.
        const Rules rules{.now = world.model().now(), .at_rest = false, .overloaded = world.overloaded()};
        wrong = absl::StrJoin(Violations(redis_lines, rules), "\n  ");
      }
    }
    if (!wrong.empty()) return Failure{i + 1, (pending.empty() ? "" : pending.back().text + "\n") + wrong};
    pending.clear();
    events.clear();
  }
  // To rest: until nothing is due.
  for (int i = 0; i < 1000; ++i) {
    const auto done = world.TickOnce(32);
    const bool idle =
        world.model().deadlines().empty() || world.model().deadlines().begin()->first > world.model().now();
    hub.Run(done.command, done.clock);
    if (idle) break;
  }
  Lines heads;
  Lines lines = hub.Snapshot(&heads);
  if (lines != Snapshot(world.model()))
    return Failure{history.size(), "state at rest\n" + Difference(Snapshot(world.model()), lines)};
  lines.insert(lines.end(), heads.begin(), heads.end());
  const Lines found =
      Violations(lines, {.now = world.model().now(), .at_rest = true, .overloaded = world.overloaded()});
  if (!found.empty()) return Failure{history.size(), "at rest: " + absl::StrJoin(found, "\n  ")};
  return std::nullopt;
}

using Runner = std::function<std::optional<Failure>(const History&)>;

// Leaves out ever smaller pieces while it still fails.
History Shrink(History history, const Runner& run) {
  if (const auto failure = run(history)) history.resize(failure->at);
  for (std::size_t piece = history.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at + piece <= history.size();) {
      History shorter = history;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at),
                    shorter.begin() + static_cast<std::ptrdiff_t>(at + piece));
      if (const auto failure = run(shorter)) {
        shorter.resize(failure->at);
        history = std::move(shorter);
      } else {
        at += piece;
      }
    }
  }
  return history;
}

std::string Describe(const History& history) {
  World world;
  std::string text;
  for (const Op& op : history) {
    const auto done = world.Apply(op);
    absl::StrAppend(&text, "  ", done ? done->text : "nothing", "\n");
  }
  return text;
}

History RandomHistory(std::uint32_t seed, std::size_t length) {
  std::mt19937 random(seed);
  History history(length);
  for (Op& op : history) op = RandomOp(random);
  return history;
}

std::uint32_t FirstSeed() {
  const char* given = std::getenv("HAVEN_ROUTING_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 20261122;
}

int Operations(int usual) {
  const char* given = std::getenv("HAVEN_ROUTING_OPERATIONS");
  return given != nullptr ? std::atoi(given) : usual;
}

TEST_CASE("scripts and model agree over random histories") {
  RedisServer server;
  Connection redis(server);
  RedisHub hub(redis, Scripts(), "p");
  const int total = Operations(200'000);
  constexpr std::size_t kLength = 2'000;
  Tally tally;
  int done = 0;
  for (std::uint32_t seed = FirstSeed(); done < total; ++seed) {
    const History history = RandomHistory(seed, kLength);
    if (!Compare(history, hub, 25, false, &tally)) {
      done = 0;
      for (const auto& [answer, times] : tally) done += times;
      continue;
    }
    const Runner exact = [&](const History& h) { return Compare(h, hub, 1, true); };
    const History shortest = Shrink(history, exact);
    const auto failure = exact(shortest);
    FAIL("seed " << seed << ", " << shortest.size() << " operations:\n"
                 << Describe(shortest) << (failure ? failure->what : "only in batches"));
  }
  std::cout << done << " operations agree\n";
  for (const auto& [answer, times] : tally) {
    std::cout << "  " << Scripts().of(answer.first).name() << " " << answer.second << " " << times << "\n";
  }
}

TEST_CASE("rules hold after every operation") {
  RedisServer server;
  Connection redis(server);
  RedisHub hub(redis, Scripts(), "p");
  for (std::uint32_t i = 0; i < 6; ++i) {
    const std::uint32_t seed = FirstSeed() + 100'000 + i;
    const Runner run = [&](const History& h) { return Compare(h, hub, 1, true); };
    const History history = RandomHistory(seed, 500);
    if (!run(history)) continue;
    const History shortest = Shrink(history, run);
    FAIL("seed " << seed << ", " << shortest.size() << " operations:\n"
                 << Describe(shortest) << run(shortest).value_or(Failure{}).what);
  }
}

}  // namespace
}  // namespace haven::routing::testing
