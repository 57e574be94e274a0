#include "services/routing/domain/eligibility.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace haven::routing {
namespace {

// FNV-1a: short names for long descriptions; what is named is compared in full by its owner.
std::string Digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

std::string Written(const Skills& skills) {
  return absl::StrJoin(
      skills, ",", [](std::string* out, const auto& skill) { absl::StrAppend(out, skill.first, ":", skill.second); });
}

}  // namespace

absl::StatusOr<Eligibility> Eligibility::Make(std::vector<AgentFacts> agents, std::vector<QueueFacts> queues,
                                              std::int64_t revision) {
  Eligibility out;
  out.revision_ = revision;
  for (auto& queue : queues) {
    for (const auto& [skill, level] : queue.requires_skills) out.thresholds_[skill].insert(level);
    const std::string key = queue.queue.value();
    out.queues_.emplace(key, std::move(queue));
  }
  for (auto& agent : agents) {
    Profile profile;
    profile.queues = std::move(agent.queues);
    for (const auto& [skill, level] : agent.skills) profile.skills[skill] = out.Counting(skill, level);
    const std::string makes = absl::StrCat(absl::StrJoin(profile.queues, ","), "|", Written(profile.skills));
    profile.id = ProfileId(Digest(makes));
    const ProfileId id = out.profiles_.try_emplace(makes, std::move(profile)).first->second.id;
    std::sort(agent.capacity.begin(), agent.capacity.end(),
              [](const auto& a, const auto& b) { return a.channel < b.channel; });
    out.profile_of_[agent.agent] = {id, std::move(agent.capacity)};
  }
  std::vector<std::string> crowded;
  for (const auto& [key, queue] : out.queues_) {
    const auto lane = out.FindLane(out.LaneOf(key, {}, "any"));
    if (lane && lane->profiles.size() > static_cast<std::size_t>(kMaxProfilesPerLane))
      crowded.push_back(absl::StrCat(key, " (", lane->profiles.size(), ")"));
  }
  if (!crowded.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("too many different combinations of queues and skills serve ",
                                                   absl::StrJoin(crowded, ", "), ": at most ", kMaxProfilesPerLane,
                                                   "; give the agents of a team the same skills, or fewer levels"));
  }
  return out;
}

int Eligibility::Counting(const std::string& skill, int level) const {
  const auto found = thresholds_.find(skill);
  if (found == thresholds_.end()) return 1;
  const auto above = found->second.upper_bound(level);
  return above == found->second.begin() ? 1 : *std::prev(above);
}

LaneId Eligibility::LaneOf(const std::string& queue, const Skills& skills, const std::string& channel) const {
  Skills needed;
  for (const auto& [skill, level] : skills) needed[skill] = Counting(skill, level);
  if (const auto found = queues_.find(queue); found != queues_.end()) {
    for (const auto& [skill, level] : found->second.requires_skills) needed[skill] = std::max(needed[skill], level);
  }
  return LaneId(absl::StrCat(queue, "|", channel, "|", Written(needed)));
}

std::optional<LaneSpec> Eligibility::FindLane(const LaneId& lane) const {
  const std::vector<std::string> parts = absl::StrSplit(lane.value(), '|');
  if (parts.size() != 3) return std::nullopt;
  const auto queue = queues_.find(parts[0]);
  if (queue == queues_.end()) return std::nullopt;
  Skills needed;
  for (const auto text : absl::StrSplit(parts[2], ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> skill = absl::StrSplit(text, absl::MaxSplits(':', 1));
    int level = 0;
    if (!absl::SimpleAtoi(skill.second, &level)) return std::nullopt;
    needed[skill.first] = level;
  }
  LaneSpec spec;
  spec.lane = lane;
  spec.revision = revision_;
  spec.queue = queue->second.queue;
  spec.channel = ChannelId(parts[1]);
  spec.offer_time = queue->second.offer_time;
  for (const auto& [makes, profile] : profiles_) {
    if (!profile.queues.contains(parts[0])) continue;
    const bool able = std::all_of(needed.begin(), needed.end(), [&](const auto& skill) {
      const auto has = profile.skills.find(skill.first);
      return has != profile.skills.end() && has->second >= skill.second;
    });
    if (able) spec.profiles.push_back(profile.id);
  }
  std::sort(spec.profiles.begin(), spec.profiles.end());
  return spec;
}

std::vector<AgentSpec> Eligibility::agents() const {
  std::vector<AgentSpec> out;
  for (const auto& [agent, facts] : profile_of_) out.push_back({agent, revision_, facts.first, facts.second});
  return out;
}

}  // namespace haven::routing
