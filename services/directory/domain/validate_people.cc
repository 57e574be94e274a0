#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/directory/domain/checker.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/language_tag.h"
#include "services/directory/domain/secret_reference.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"

namespace haven::directory::checks {
namespace {

// As a key, with dots, which people's sign-in names often have.
bool IsUsername(std::string_view text) {
  std::string key(text);
  std::replace(key.begin(), key.end(), '.', '-');
  return IsKey(key);
}

void CheckTeams(Checker& check) {
  if (!check.Count("teams", check.spec.teams_size(), limits::kTeams)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.teams_size() && !check.full(); ++i) {
    const v1::TeamSpec& team = check.spec.teams(i);
    const std::string path = At("teams", i);
    check.Key(path, team.key(), &seen);
    check.Line(Cat(path, ".display_name"), team.display_name(), true, limits::kNameCharacters);
    absl::flat_hash_set<std::string_view> queues;
    for (int j = 0; j < team.queues_size() && !check.full(); ++j) {
      const std::string at = At(Cat(path, ".queues"), j);
      if (!queues.insert(team.queues(j)).second) {
        check.Mistake(at, Cat(Quoted(team.queues(j)), " is there twice"));
      } else {
        check.Refer(at, "queue", team.queues(j), &check.queues);
      }
    }
  }
}

void CheckRoles(Checker& check, const std::string& path, const v1::UserSpec& user) {
  if (user.roles().empty()) check.Mistake(Cat(path, ".roles"), "at least one role is needed, such as agent");
  absl::flat_hash_set<int> seen;
  for (int i = 0; i < user.roles_size() && !check.full(); ++i) {
    const std::string at = At(Cat(path, ".roles"), i);
    const auto role = static_cast<options::v1::Role>(user.roles(i));
    if (RoleName(role) == "?") {
      check.Mistake(at, "is no role that a user can have");
    } else if (!seen.insert(user.roles(i)).second) {
      check.Mistake(at, Cat(RoleName(role), " is there twice"));
    }
  }
}

void CheckCapacity(Checker& check, const std::string& path, const v1::UserSpec& user) {
  absl::flat_hash_set<int> seen;
  for (int i = 0; i < user.capacity_size() && !check.full(); ++i) {
    const v1::ChannelCapacity& capacity = user.capacity(i);
    const std::string at = At(Cat(path, ".capacity"), i);
    const std::string_view name = ChannelName(capacity.channel());
    if (name == "?") {
      check.Mistake(Cat(at, ".channel"), "is no channel");
    } else if (!seen.insert(capacity.channel()).second) {
      check.Mistake(Cat(at, ".channel"), Cat(name, " is there twice"));
    }
    if (capacity.limit() < 0 || capacity.limit() > 50) {
      check.Mistake(Cat(at, ".limit"), Cat(capacity.limit(), " is out of range; 0 to 50"));
    } else if (capacity.channel() == channels::v1::CHANNEL_VOICE && capacity.limit() > 1) {
      check.Mistake(Cat(at, ".limit"), "one call at a time; write \"voice: 1 exclusive\"");
    }
    if (capacity.channel() == channels::v1::CHANNEL_VOICE && capacity.limit() > 0 && !capacity.exclusive()) {
      check.Mistake(Cat(at, ".exclusive"), "a call leaves no room for anything else; write \"voice: 1 exclusive\"");
    }
  }
}

void CheckUser(Checker& check, const std::string& path, const v1::UserSpec& user) {
  check.Line(Cat(path, ".display_name"), user.display_name(), true, limits::kNameCharacters);
  check.Line(Cat(path, ".public_name"), user.public_name(), false, limits::kNameCharacters);
  CheckRoles(check, path, user);
  absl::flat_hash_set<std::string_view> teams;
  for (int i = 0; i < user.teams_size() && !check.full(); ++i) {
    const std::string at = At(Cat(path, ".teams"), i);
    if (!teams.insert(user.teams(i)).second) {
      check.Mistake(at, Cat(Quoted(user.teams(i)), " is there twice"));
    } else {
      check.Refer(at, "team", user.teams(i), &check.teams);
    }
  }
  check.SkillLevels(Cat(path, ".skills"), user.skills());
  CheckCapacity(check, path, user);
  if (!user.password_ref().empty() && !ParseSecretReference(user.password_ref())) {
    check.Mistake(Cat(path, ".password_ref"), std::string(kSecretReferenceHelp));
  }
  const std::string& tag = user.interface_language();
  if (!tag.empty() && CanonicalLanguageTag(tag) != tag) {
    check.Mistake(Cat(path, ".interface_language"), Cat(Quoted(tag), " is no language tag (BCP 47), such as \"en\""));
  }
}

void CheckUsers(Checker& check) {
  if (!check.Count("users", check.spec.users_size(), limits::kUsers)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.users_size() && !check.full(); ++i) {
    const v1::UserSpec& user = check.spec.users(i);
    const std::string path = At("users", i);
    if (!IsUsername(user.username())) {
      check.Mistake(
          Cat(path, ".username"),
          Cat(Quoted(user.username()), " is no user name; use a to z, 0 to 9, \"-\", \"_\" and \".\", at most 64"));
    } else if (const auto [first, added] = seen.try_emplace(user.username(), path); !added) {
      check.Mistake(Cat(path, ".username"), Cat(Quoted(user.username()), " is there twice; first as ", first->second));
    }
    CheckUser(check, path, user);
  }
}

}  // namespace

void CheckPeople(Checker& check) {
  CheckTeams(check);
  CheckUsers(check);
}

}  // namespace haven::directory::checks
