#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/testing/redis_fixture.h"
#include "services/routing/testing/redis_hub.h"
#include "services/routing/testing/snapshot.h"
#include "services/routing/testing/violations.h"
#include "services/routing/testing/world.h"

// A script that fails half-way keeps its first writes. For every step and every one of its writes: fail there, then let
// the caller repeat and the sweep pass, and the state is what the model says.
namespace haven::routing::testing {
namespace {

using Lines = std::vector<std::string>;

// Writes count the key <prefix>fault down; the one that reaches zero fails instead.
std::string SeedFault(std::string_view file, std::string text) {
  if (file != "prelude") return text;
  const std::string alias = "local read, write = redis.call, redis.call\n";
  const std::string counting =
      "local read = redis.call\n"
      "local function write(...)\n"
      "  if redis.call('DECR', P .. 'fault') == 0 then error('seeded fault') end\n"
      "  return redis.call(...)\n"
      "end\n";
  if (text.find(alias) == std::string::npos) throw std::logic_error("prelude.lua has changed");
  return absl::StrReplaceAll(text, {{alias, counting}});
}

// What must be equal after recovery: all that the ledger or a person decided. Whom a waiting contact was offered to may
// differ, since a fault may have cost a place in the order.
std::map<std::string, std::string> Decided(const Lines& lines) {
  std::map<std::string, std::string> decided;
  for (const std::string& line : lines) {
    const Lines f = absl::StrSplit(line, ' ');
    if (f[0] == "C") {
      const bool waits = f[4] == "q" || f[4] == "i" || f[4] == "o";
      decided["contact " + f[1]] =
          absl::StrCat(f[2], " ", f[3], " ", waits ? "waits" : f[4] + " " + f[13], " wrap-up ", f[21], " ", f[22]);
    } else if (f[0] == "A") {
      Lines wrap_ups;
      for (const auto slot : absl::StrSplit(f[6], ';')) {
        if (slot.find('#') != slot.npos) wrap_ups.emplace_back(slot);
      }
      decided["agent " + f[1]] = absl::StrCat(f[2], " ", f[3], " ", f[4], " ", f[5], " present ", f[8], " routable ",
                                              f[9], " ", f[10], " ", absl::StrJoin(wrap_ups, ";"));
    } else if (f[0] == "L") {
      decided["lane " + f[1]] = line;
    }
  }
  return decided;
}

class FaultRun {
 public:
  explicit FaultRun(RedisHub& hub) : hub_(hub) {}

  // A random history up to an operation of step `wanted` that does something. False: none came.
  bool Prepare(Step wanted, std::uint32_t seed) {
    std::mt19937 random(seed);
    world_ = World();
    prefix_ = world_.setup();
    const std::size_t least = 20 + random() % 60;
    for (int i = 0; i < 3000; ++i) {
      op_ = RandomOp(random);
      World next = world_;
      const auto done = next.Apply(op_);
      if (!done) continue;
      if (prefix_.size() >= least && done->command.step == wanted && done->expected[0] == "OK" &&
          (wanted != Step::kTick || done->expected.size() > 1 || random() % 8 == 0)) {
        return true;
      }
      prefix_.push_back(*done);
      world_ = std::move(next);
      if (prefix_.size() > 200) return false;
    }
    return false;
  }

  // Fails the operation's nth write, then recovers. False: it has no such write.
  bool Fault(int nth, bool repeat, std::string& wrong) {
    hub_.Reset();
    for (const World::Done& done : prefix_) hub_.Append(done.command, done.clock);
    for (std::size_t i = 0; i < prefix_.size(); ++i) hub_.Read();
    World world = world_;
    const World::Done done = *world.Apply(op_);
    hub_.redis().Run({"SET", hub_.prefix() + "fault", absl::StrCat(nth)});
    const Lines reply = hub_.Run(done.command, done.clock);
    hub_.redis().Run({"DEL", hub_.prefix() + "fault"});
    if (reply[0].find("seeded fault") == std::string::npos) {
      if (!std::equal(done.expected.begin(), done.expected.end(), reply.begin(), reply.end())) {
        wrong = done.text + "\n  answers " + absl::StrJoin(reply, " ");
      }
      return false;
    }
    if (repeat) hub_.Run(done.command, done.clock);
    Sweep(world);
    world.Wait(Span(1'001));  // an item of the tick that failed comes again
    for (int i = 0; i < 100; ++i) {
      const World::Done tick = world.TickOnce(32);
      hub_.Run(tick.command, tick.clock);
    }
    Sweep(world);
    Lines heads;
    Lines lines = hub_.Snapshot(&heads);
    const Lines model = Snapshot(world.model());
    Lines found;
    if (repeat) {
      const auto expected = Decided(model), actual = Decided(lines);
      for (const auto& [what, text] : expected) {
        const auto it = actual.find(what);
        if (it == actual.end() || it->second != text) {
          found.push_back(absl::StrCat(what, ": ", it == actual.end() ? "gone" : it->second, ", expected ", text));
        }
      }
      if (actual.size() != expected.size()) found.push_back(absl::StrCat(actual.size(), " things are known"));
    }
    lines.insert(lines.end(), heads.begin(), heads.end());
    const Rules rules{.now = world.model().now(), .at_rest = true, .overloaded = world.overloaded()};
    for (std::string& violation : Violations(lines, rules)) found.push_back(std::move(violation));
    if (!found.empty()) {
      wrong = absl::StrCat("write ", nth, repeat ? ", repeated" : "", " of ", done.text, "\n  ",
                           absl::StrJoin(found, "\n  "));
    }
    return true;
  }

 private:
  void Sweep(World& world) {
    for (const World::Done& done : world.Sweep()) hub_.Run(done.command, done.clock);
  }

  RedisHub& hub_;
  World world_;
  std::vector<World::Done> prefix_;
  Op op_;
};

TEST_CASE("a fault at any write of any step is recovered from") {
  haven::testing::RedisFixture server;
  Connection redis(server.target());
  RedisHub hub(redis, Scripts(SeedFault), "f");
  constexpr Step kWriting[] = {Step::kAcceptBegin, Step::kAcceptUndo,  Step::kAgentRemove, Step::kAgentUpsert,
                               Step::kEndOffer,    Step::kLaneRemove,  Step::kLaneUpsert,  Step::kPresence,
                               Step::kProject,     Step::kSetActivity, Step::kSetWrapUp,   Step::kSweepAgent,
                               Step::kTick};
  const Scripts names;
  for (const Step step : kWriting) {
    const int instances = step == Step::kProject || step == Step::kTick ? 12 : 3;
    int faults = 0, found = 0;
    for (std::uint32_t seed = 1; found < instances && seed < 400; ++seed) {
      FaultRun run(hub);
      if (!run.Prepare(step, seed)) continue;
      ++found;
      for (int nth = 1;; ++nth) {
        std::string wrong;
        const bool failed = run.Fault(nth, nth % 3 != 0, wrong);
        INFO("seed " << seed);
        if (!wrong.empty()) FAIL(names.of(step).name() << ": " << wrong);
        if (!failed) break;
        ++faults;
      }
    }
    std::cout << "  " << names.of(step).name() << ": " << found << " instances, " << faults << " faults\n";
    CHECK(found == instances);
    CHECK(faults >= found);
  }
}

}  // namespace
}  // namespace haven::routing::testing
