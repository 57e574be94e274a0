#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/directory/domain/checker.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/language_tag.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"

namespace haven::directory::checks {
namespace {

bool IsAgent(const v1::UserSpec& user) {
  return !user.disabled() && std::count(user.roles().begin(), user.roles().end(), options::v1::ROLE_AGENT) > 0;
}

int LevelOf(const v1::UserSpec& user, std::string_view skill) {
  for (const auto& level : user.skills()) {
    if (level.skill() == skill) return level.level();
  }
  return 0;
}

bool CanTake(const v1::UserSpec& user, const v1::QueueSpec& queue) {
  return std::all_of(queue.required_skills().begin(), queue.required_skills().end(),
                     [&](const v1::SkillLevel& needed) { return LevelOf(user, needed.skill()) >= needed.level(); });
}

// Queues by key, each with the enabled agents of its teams.
using Agents = std::vector<const v1::UserSpec*>;
absl::flat_hash_map<std::string_view, Agents> AgentsByQueue(const v1::HubSpec& spec) {
  absl::flat_hash_map<std::string_view, Agents> by_team;
  for (const auto& user : spec.users()) {
    if (!IsAgent(user)) continue;
    for (const auto& team : user.teams()) by_team[team].push_back(&user);
  }
  absl::flat_hash_map<std::string_view, Agents> by_queue;
  for (const auto& team : spec.teams()) {
    const Agents& agents = by_team[team.key()];
    for (const auto& queue : team.queues()) by_queue[queue].insert(by_queue[queue].end(), agents.begin(), agents.end());
  }
  return by_queue;
}

void CheckQueueCoverage(Checker& check) {
  const auto serving = AgentsByQueue(check.spec);
  for (int i = 0; i < check.spec.queues_size(); ++i) {
    const v1::QueueSpec& queue = check.spec.queues(i);
    const auto found = serving.find(queue.key());
    const std::string path = At("queues", i);
    if (found == serving.end() || found->second.empty()) {
      check.Warn(path, "no agent serves this queue: no team with an enabled agent lists it");
      continue;
    }
    const Agents& agents = found->second;
    const auto able = [&](const v1::UserSpec* user) { return CanTake(*user, queue); };
    if (std::none_of(agents.begin(), agents.end(), able)) {
      check.Warn(Cat(path, ".required_skills"), "no agent who serves this queue has these skills at these levels");
      continue;
    }
    if (!queue.match_language() || queue.relax_language_after().seconds() > 0) continue;
    for (const auto& tag : check.spec.languages()) {
      const std::string skill = LanguageSkill(tag);
      const auto speaks = [&](const v1::UserSpec* user) { return CanTake(*user, queue) && LevelOf(*user, skill) > 0; };
      if (std::none_of(agents.begin(), agents.end(), speaks)) {
        check.Warn(path, Cat("nobody who serves this queue speaks ", Quoted(tag),
                             ", and its language requirement is never relaxed: such contacts would wait for ever"));
      }
    }
  }
}

void CheckUserCoverage(Checker& check) {
  bool administrator = false;
  for (int i = 0; i < check.spec.users_size(); ++i) {
    const v1::UserSpec& user = check.spec.users(i);
    const auto& roles = user.roles();
    administrator |= !user.disabled() && std::count(roles.begin(), roles.end(), options::v1::ROLE_ADMINISTRATOR) > 0;
    if (!IsAgent(user)) continue;
    if (user.teams().empty())
      check.Warn(Cat(At("users", i), ".teams"), "this agent is in no team and so serves no queue");
    const bool takes =
        std::any_of(user.capacity().begin(), user.capacity().end(), [](const auto& c) { return c.limit() > 0; });
    if (!takes) check.Warn(Cat(At("users", i), ".capacity"), "this agent has no capacity and so is offered nothing");
  }
  if (!administrator) check.Warn("users", "no enabled user is an administrator");
}

void CheckUnused(Checker& check) {
  for (int i = 0; i < check.spec.hours_size(); ++i) {
    if (!check.hours.Used(check.spec.hours(i).key())) check.Warn(At("hours", i), "nothing uses these hours");
  }
  for (int i = 0; i < check.spec.skills_size(); ++i) {
    if (!check.skills.Used(check.spec.skills(i).key()))
      check.Warn(At("skills", i), "no queue requires and no user has this skill");
  }
  for (int i = 0; i < check.spec.teams_size(); ++i) {
    if (!check.teams.Used(check.spec.teams(i).key())) check.Warn(At("teams", i), "nobody is in this team");
  }
}

}  // namespace

void CheckCoverage(Checker& check) {
  CheckQueueCoverage(check);
  CheckUserCoverage(check);
  CheckUnused(check);
  const auto& channels = check.spec.channels();
  const bool chat = std::any_of(channels.begin(), channels.end(),
                                [](const auto& channel) { return channel.kind() == channels::v1::CHANNEL_WEBCHAT; });
  if (channels.empty()) check.Warn("channels", "nobody can reach this hub: there is no channel");
  if (chat && check.spec.privacy().empty()) {
    check.Warn("privacy", "people are not told before a chat who reads it and how long it is kept");
  }
  if (chat && check.spec.quick_exit_url().empty()) check.Warn("quick_exit_url", "the chat page has no quick exit");
}

}  // namespace haven::directory::checks
