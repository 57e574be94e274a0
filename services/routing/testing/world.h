#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/routing/domain/model.h"
#include "services/routing/store/commands.h"

namespace haven::routing::testing {

// One operation of a random history: what it means is decided when it runs, from the state then, so that a history with
// some of its operations left out is a history too.
struct Op {
  int kind = 0;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  std::int64_t clock_step = 0;  // ms, may be negative
};

Op RandomOp(std::mt19937& random);

// A small hub: a ledger that plays by the rules of docs/adr/0001, and the model it drives.
class World {
 public:
  struct Done {
    command::Command command{};
    Time clock;
    std::vector<std::string>
        expected{};      // the script's answer; nothing after the code is compared where it is only that
    std::string text{};  // for people
  };

  // Some ticks take `few` items at most.
  explicit World(int few = 2);
  // Commands that set the hub up; run them first. SetReady is among them.
  const std::vector<Done>& setup() const { return setup_; }

  // nullopt: there is nothing this operation could mean now.
  std::optional<Done> Apply(const Op& op);
  void Wait(Span span) { clock_ += span; }
  Done TickOnce(int limit);
  // What the sweep does: every ledger row, then every agent.
  std::vector<Done> Sweep();

  Model& model() { return model_; }
  const Model& model() const { return model_; }
  // Agents that may hold more than their capacity, see Rules.
  const std::set<std::string>& overloaded() const { return overloaded_; }
  Time clock() const { return clock_; }

 private:
  struct Row {
    LedgerRow row{};
    bool exists = false;
    std::int64_t wrap_up_end = 0;                              // engine's time
    LaneId lane{};                                             // before it relaxes
    std::vector<std::pair<std::int64_t, LaneId>> relax{};      // engine's time, lane
    std::optional<std::pair<std::int64_t, AgentId>> accept{};  // epoch, agent: the compare-and-set still to come
    std::optional<LedgerRow> before{};
  };

  using Words = std::vector<std::string>;
  Done Answer(command::Command command, Words expected);
  Done Project(Row& r);
  Row& Pick(std::uint32_t n) { return rows_[n % rows_.size()]; }
  AgentId PickAgent(std::uint32_t n) const { return AgentId("a" + std::to_string(n % 7)); }
  LaneId PickLane(std::uint32_t n) const { return LaneId("l" + std::to_string(n % kLanes) + "|en:1,ar:2"); }
  LaneSpec Lane(int index, std::uint32_t profiles);
  AgentSpec Agent(int index, std::uint32_t shape);
  void SetLane(LedgerRow& row, const LaneId& lane);

  std::optional<Done> Enqueue(const Op& op);
  std::optional<Done> AcceptBegin(const Op& op);
  std::optional<Done> AcceptCommit(const Op& op);
  std::optional<Done> EndOffer(const Op& op);
  std::optional<Done> Undo(const Op& op);
  std::optional<Done> Complete(const Op& op);
  std::optional<Done> AfterClosing(const Op& op);
  std::optional<Done> Transfer(const Op& op);
  std::optional<Done> Change(const Op& op);
  std::optional<Done> Abandon(const Op& op);
  std::optional<Done> Again(const Op& op);
  std::optional<Done> Activity(const Op& op);
  std::optional<Done> Presence(const Op& op);
  std::optional<Done> WrapUpMoved(const Op& op);
  std::optional<Done> Agents(const Op& op);
  std::optional<Done> Lanes(const Op& op);

  static constexpr int kLanes = 8;
  int few_;
  Model model_;
  Time clock_{Span(1'790'000'000'000)};
  std::vector<Row> rows_;
  std::map<std::string, std::int64_t> leases_;
  std::set<std::string> overloaded_;
  std::int64_t revision_ = 1;
  std::vector<Done> setup_;
};

}  // namespace haven::routing::testing
