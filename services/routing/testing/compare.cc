#include "services/routing/testing/compare.h"

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/routing/testing/snapshot.h"
#include "services/routing/testing/violations.h"

namespace haven::routing::testing {
namespace {

using Lines = std::vector<std::string>;

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

// A reservation ends exactly once.
class OpenReservations {
 public:
  std::string Follow(const Model::Event& e) {
    std::string& open = open_[e.contact.value()];
    if (e.kind == "contact_offered") {
      if (!open.empty()) return absl::StrCat(e.reservation, " offered while ", open, " is open");
      if (!seen_.insert(e.reservation).second) return absl::StrCat(e.reservation, " offered twice");
      open = e.reservation;
    } else if (!e.reservation.empty()) {
      if (open != e.reservation) return absl::StrCat(e.kind, " of ", e.reservation, " while ", open, " is open");
      open.clear();
    } else if (e.kind == "contact_assigned") {
      open.clear();
    } else if (e.kind == "contact_enqueued" || e.kind == "contact_closing" || e.kind == "contact_ended") {
      if (!open.empty()) return absl::StrCat(e.kind, " of ", e.contact.value(), " while ", open, " is open");
    }
    return "";
  }

 private:
  std::map<std::string, std::string> open_;
  std::set<std::string> seen_;
};

class Comparison {
 public:
  Comparison(RedisHub& hub, const CompareOptions& options)
      : hub_(hub), options_(options), world_(options.unfinished ? 32 : 2) {
    hub_.Reset();
    for (const auto& done : world_.setup()) hub_.Run(done.command, done.clock);
    hub_.TakeEvents();
    world_.model().TakeEvents();
  }

  // Answers what is wrong, empty if nothing.
  std::string Apply(const Op& op) {
    const Lines before = options_.rules ? Snapshot(world_.model()) : Lines{};
    if (auto done = world_.Apply(op)) {
      hub_.Append(done->command, done->clock);
      pending_.push_back(*std::move(done));
      if (options_.rules) {
        const std::string wrong = CheckRules(before, pending_.back());
        if (!wrong.empty()) return wrong;
      }
    }
    for (const Model::Event& e : world_.model().TakeEvents()) {
      if (std::string wrong = reservations_.Follow(e); !wrong.empty()) return wrong;
      events_.push_back(EventLine(e));
    }
    return pending_.size() < options_.batch ? "" : Settle();
  }

  // Reads the answers of Redis and compares everything.
  std::string Settle() {
    std::string wrong = ReadAnswers();
    if (wrong.empty()) wrong = CompareState("state", false);
    const Lines told = hub_.TakeEvents();
    if (wrong.empty() && told != events_) wrong = "events\n" + Difference(events_, told);
    if (!wrong.empty() && !last_.empty()) wrong = last_ + "\n" + wrong;
    events_.clear();
    return wrong;
  }

  std::string Rest() {
    for (int i = 0; i < 1000; ++i) {
      const auto done = world_.TickOnce(32);
      const auto& deadlines = world_.model().deadlines();
      const bool idle = deadlines.empty() || deadlines.begin()->first > world_.model().now();
      hub_.Run(done.command, done.clock);
      Drain(done.clock);
      if (idle) break;
    }
    return CompareState("state at rest", true);
  }

  // Forgets answers that were not read.
  void Drop() {
    for (; !pending_.empty(); pending_.pop_back()) hub_.Read();
  }

 private:
  std::string CheckRules(const Lines& before, const World::Done& done) {
    const Lines after = Snapshot(world_.model());
    // Within a tick a contact may come back after another was offered.
    Lines found = done.command.step == Step::kTick ? Lines{} : FifoViolations(before, after, world_.model().now());
    for (std::string& violation : Violations(after, TheRules(false))) found.push_back(std::move(violation));
    return found.empty() ? "" : done.text + "\n  " + absl::StrJoin(found, "\n  ");
  }

  std::string ReadAnswers() {
    std::string wrong;
    for (const World::Done& done : pending_) {
      bool more = false;
      Lines reply = hub_.Read(&more);
      // A tick that was interrupted goes on where it stopped.
      for (int i = 0; options_.unfinished && done.command.step == Step::kTick && more && i < 100; ++i) {
        Drain(done.clock);
        const Lines rest = hub_.Run(done.command, done.clock, &more);
        reply.insert(reply.end(), rest.begin() + 1, rest.end());
      }
      if (options_.tally != nullptr) ++(*options_.tally)[{done.command.step, reply.empty() ? "" : reply[0]}];
      const bool begins =
          reply.size() >= done.expected.size() && std::equal(done.expected.begin(), done.expected.end(), reply.begin());
      if (!begins || (done.expected.size() > 1 && reply.size() != done.expected.size())) {
        absl::StrAppend(&wrong, done.text, "\n  redis answers ", absl::StrJoin(reply, " "), "\n");
      }
      last_ = done.text;
    }
    if (!pending_.empty()) Drain(pending_.back().clock);
    pending_.clear();
    return wrong;
  }

  // Does what was left over: items due at 0, one by one, so that nothing else happens.
  void Drain(Time clock) {
    if (!options_.unfinished) return;
    for (;;) {
      const Lines first = hub_.redis().Run({"ZRANGE", hub_.prefix() + "dl", "0", "0", "WITHSCORES"});
      if (first.size() < 2 || first[1] != "0") return;
      hub_.Run(command::Tick(1), clock);
      if (options_.left_over != nullptr) ++*options_.left_over;
    }
  }

  std::string CompareState(const char* when, bool at_rest) {
    Lines model = Snapshot(world_.model()), heads, redis = hub_.Snapshot(&heads);
    if (options_.unfinished) {
      Unversion(model);
      Unversion(redis);
    }
    if (model != redis) return absl::StrCat(when, "\n", Difference(model, redis));
    redis.insert(redis.end(), heads.begin(), heads.end());
    return absl::StrJoin(Violations(redis, TheRules(at_rest)), "\n  ");
  }

  // An agent's version counts scripts; where matching was left over, more of them ran.
  static void Unversion(Lines& lines) {
    for (std::string& line : lines) {
      if (line[0] == 'A') line.resize(line.rfind(' '));
    }
  }

  Rules TheRules(bool at_rest) const {
    return {.now = world_.model().now(), .at_rest = at_rest, .overloaded = world_.overloaded()};
  }

  RedisHub& hub_;
  const CompareOptions& options_;
  World world_;
  OpenReservations reservations_;
  std::vector<World::Done> pending_;
  Lines events_;
  std::string last_;
};

}  // namespace

std::optional<Failure> Compare(const History& history, RedisHub& hub, const CompareOptions& options) {
  Comparison comparison(hub, options);
  std::string wrong;
  std::size_t at = 0;
  while (at < history.size() && wrong.empty()) wrong = comparison.Apply(history[at++]);
  if (wrong.empty()) wrong = comparison.Settle();
  if (wrong.empty()) wrong = comparison.Rest();
  comparison.Drop();
  if (wrong.empty()) return std::nullopt;
  return Failure{at, std::move(wrong)};
}

History RandomHistory(std::uint32_t seed, std::size_t length) {
  std::mt19937 random(seed);
  History history(length);
  for (Op& op : history) op = RandomOp(random);
  return history;
}

History Shrink(History history, const std::function<std::optional<Failure>(const History&)>& run) {
  if (const auto failure = run(history)) history.resize(failure->at);
  for (std::size_t piece = history.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at + piece <= history.size();) {
      History shorter = history;
      const auto from = shorter.begin() + static_cast<std::ptrdiff_t>(at);
      shorter.erase(from, from + static_cast<std::ptrdiff_t>(piece));
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

}  // namespace haven::routing::testing
