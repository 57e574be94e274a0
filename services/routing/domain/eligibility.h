#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/routing/domain/types.h"

namespace haven::routing {

// A skill with the least level asked for, or the level somebody has; 1 to 5.
using Skills = std::map<std::string, int>;

struct AgentFacts {
  AgentId agent;
  std::set<std::string> queues;
  Skills skills;
  std::vector<Capacity> capacity;
};

struct QueueFacts {
  QueueId queue;
  Span offer_time{30'000};
  Skills requires_skills;  // of every contact in it
};

// Who may take what: profiles of agents, and which of them serve a lane. Pure and deterministic: two processes with one
// configuration agree on every id.
//
// Levels count only as far as somebody asks for them: of a skill the levels that queues require, and 1. So agents who
// differ in what no queue distinguishes share a profile, and a hub of 300 people has a few dozen. A contact that asks
// for a level in between is held to the next lower one that counts.
class Eligibility {
 public:
  // INVALID_ARGUMENT naming every queue that more than kMaxProfilesPerLane profiles would serve.
  static absl::StatusOr<Eligibility> Make(std::vector<AgentFacts> agents, std::vector<QueueFacts> queues,
                                          std::int64_t revision);

  // The lane of a contact: what its queue asks for and what it asks for itself.
  LaneId LaneOf(const std::string& queue, const Skills& skills, const std::string& channel) const;
  // What a lane's id says; nullopt if it is no id, or of a queue that is no more.
  std::optional<LaneSpec> FindLane(const LaneId& lane) const;

  std::vector<AgentSpec> agents() const;
  bool HasAgent(const AgentId& agent) const { return profile_of_.contains(agent); }
  std::size_t profiles() const { return profiles_.size(); }

 private:
  struct Profile {
    ProfileId id;
    std::set<std::string> queues;
    Skills skills;  // levels that count
  };
  int Counting(const std::string& skill, int level) const;

  std::int64_t revision_ = 0;
  std::map<std::string, std::set<int>> thresholds_;
  std::map<std::string, QueueFacts> queues_;
  std::map<std::string, Profile> profiles_;  // by what makes them
  std::map<AgentId, std::pair<ProfileId, std::vector<Capacity>>> profile_of_;
};

}  // namespace haven::routing
