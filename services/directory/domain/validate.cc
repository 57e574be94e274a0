#include "services/directory/domain/validate.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "libs/schedule/week.h"
#include "services/directory/domain/checker.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/language_tag.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"
#include "services/directory/domain/url.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace checks {

void KeySet::Add(std::string_view key) {
  if (uses_.try_emplace(key, 0).second) keys_.push_back(key);
}

bool KeySet::Use(std::string_view key) {
  const auto found = uses_.find(key);
  if (found == uses_.end()) return false;
  ++found->second;
  return true;
}

bool KeySet::Used(std::string_view key) const {
  const auto found = uses_.find(key);
  return found != uses_.end() && found->second > 0;
}

Checker::Checker(const v1::HubSpec& hub) : spec(hub) {
  for (const auto& item : hub.hours()) hours.Add(item.key());
  for (const auto& item : hub.skills()) skills.Add(item.key());
  for (const auto& item : hub.queues()) queues.Add(item.key());
  for (const auto& item : hub.teams()) teams.Add(item.key());
  for (const auto& tag : hub.languages()) languages.Add(tag);
}

void Checker::Mistake(std::string path, std::string description) {
  if (full()) return;
  if (findings.mistakes.size() + 1 == static_cast<std::size_t>(limits::kFindings)) {
    path = "";
    description = "there are more mistakes; these are the first";
  }
  findings.mistakes.push_back({std::move(path), std::move(description)});
}

void Checker::Warn(std::string path, std::string description) {
  if (findings.warnings.size() >= static_cast<std::size_t>(limits::kFindings)) return;
  findings.warnings.push_back({std::move(path), std::move(description)});
}

bool Checker::Count(std::string_view path, int count, int most) {
  if (count <= most) return true;
  Mistake(std::string(path), Cat(count, " are too many; at most ", most));
  return false;
}

bool IsKey(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-' || text.front() == '_') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c) || c == '-' || c == '_'; });
}

std::string At(std::string_view list, int index) {
  return Cat(list, "[", index, "]");
}

void Checker::Key(const std::string& thing_path, std::string_view key, Seen* seen) {
  if (!IsKey(key)) {
    Mistake(Cat(thing_path, ".key"), Cat(Quoted(key), " is no key; use a to z, 0 to 9, \"-\" and \"_\", at most 64"));
    return;
  }
  const auto [first, added] = seen->try_emplace(key, thing_path);
  if (!added) Mistake(Cat(thing_path, ".key"), Cat(Quoted(key), " is there twice; first as ", first->second));
}

void Checker::Line(std::string path, std::string_view text, bool required, int most) {
  Text(std::move(path), text, required, most, false);
}

void Checker::Text(std::string path, std::string_view text, bool required, int most, bool lines) {
  const TextFacts facts = Inspect(text);
  if (!facts.valid) {
    Mistake(std::move(path), "is not UTF-8");
  } else if (facts.unprintable || (facts.line_feed && !lines)) {
    Mistake(std::move(path), "holds control characters or marks that reorder text; write it again without them");
  } else if (required && Trim(text).empty()) {
    Mistake(std::move(path), "is missing");
  } else if (facts.characters > static_cast<std::size_t>(most)) {
    Mistake(std::move(path), Cat("has ", facts.characters, " characters; at most ", most));
  }
}

void Checker::Refer(std::string path, std::string_view noun, std::string_view key, KeySet* set) {
  if (!set->Use(key) && !full()) Mistake(std::move(path), Unknown(noun, key, set->keys()));
}

void Checker::SkillLevels(const std::string& path, const google::protobuf::RepeatedPtrField<v1::SkillLevel>& levels) {
  if (!Count(path, levels.size(), limits::kSkillsPerUser)) return;
  absl::flat_hash_map<std::string_view, int> seen;
  for (int i = 0; i < levels.size() && !full(); ++i) {
    const v1::SkillLevel& level = levels[i];
    const std::string at = At(path, i);
    const bool language = std::any_of(spec.languages().begin(), spec.languages().end(),
                                      [&](const std::string& tag) { return LanguageSkill(tag) == level.skill(); });
    if (!skills.Use(level.skill()) && !language) {
      std::vector<std::string_view> known = skills.keys();
      known.insert(known.end(), languages.keys().begin(), languages.keys().end());
      Mistake(Cat(at, ".skill"), Unknown("skill", level.skill(), known));
    } else if (!seen.try_emplace(level.skill(), i).second) {
      Mistake(Cat(at, ".skill"), Cat(Quoted(level.skill()), " is there twice"));
    }
    if (level.level() < 1 || level.level() > 5) {
      Mistake(Cat(at, ".level"), Cat("level ", level.level(), " is not one of 1 to 5"));
    }
  }
}

void Checker::DurationWithin(std::string path, bool set, const google::protobuf::Duration& duration, int least_seconds,
                             int most_seconds) {
  if (!set) return;
  if (duration.nanos() != 0) {
    Mistake(std::move(path), "is not a whole number of seconds");
  } else if (duration.seconds() < least_seconds || duration.seconds() > most_seconds) {
    Mistake(std::move(path),
            Cat(DurationText(absl::Seconds(duration.seconds())), " is out of range; ",
                DurationText(absl::Seconds(least_seconds)), " to ", DurationText(absl::Seconds(most_seconds))));
  }
}

void Checker::Titles(const std::string& path, const google::protobuf::Map<std::string, std::string>& titles, Need need,
                     int most, bool lines) {
  // Maps have no order of their own: what is told must not depend on the hash.
  std::vector<std::string_view> tags;
  for (const auto& [tag, title] : titles) tags.push_back(tag);
  std::sort(tags.begin(), tags.end());
  for (const std::string_view tag : tags) {
    const std::string at = Cat(path, ".", tag);
    if (!languages.Holds(tag)) {
      Mistake(at, Unknown("language of the hub", tag, languages.keys()));
      continue;
    }
    Text(at, titles.at(std::string(tag)), true, most, lines);
  }
  for (const std::string& tag : spec.languages()) {
    if (!titles.contains(tag)) Mistake(path, Cat("has no text for language ", Quoted(tag)));
    if (need == Need::kFirstLanguage) break;
  }
}

namespace {

void CheckLanguages(Checker& check) {
  const auto& tags = check.spec.languages();
  if (tags.empty()) check.Mistake("languages", "at least one language is needed, such as \"en\"");
  if (!check.Count("languages", tags.size(), limits::kLanguages)) return;
  absl::flat_hash_map<std::string, int> seen;
  for (int i = 0; i < tags.size(); ++i) {
    const auto canonical = CanonicalLanguageTag(tags[i]);
    if (!canonical) {
      check.Mistake(At("languages", i),
                    Cat(Quoted(tags[i]), " is no language tag (BCP 47), such as \"en\" or \"ku-Arab\""));
    } else if (*canonical != tags[i]) {
      check.Mistake(At("languages", i), Cat("write ", Quoted(*canonical), " instead of ", Quoted(tags[i])));
    } else if (!seen.try_emplace(*canonical, i).second) {
      check.Mistake(At("languages", i), Cat(Quoted(tags[i]), " is there twice"));
    }
  }
}

void CheckHub(Checker& check) {
  const v1::HubSpec& spec = check.spec;
  if (!spec.key().empty() && !IsKey(spec.key())) {
    check.Mistake("key", Cat(Quoted(spec.key()),
                             " is no key of a hub; use a to z, 0 to 9, \"-\" and \"_\", such as \"lebanon\""));
  }
  check.Line("display_name", spec.display_name(), true, limits::kNameCharacters);
  if (!schedule::FindZone(spec.time_zone())) {
    check.Mistake("time_zone", Cat(Quoted(spec.time_zone()), " is no IANA time zone, such as \"Asia/Beirut\""));
  }
  CheckLanguages(check);
  if (!spec.quick_exit_url().empty() && !IsWebAddress(spec.quick_exit_url())) {
    check.Mistake("quick_exit_url", "is no https address, such as \"https://www.wikipedia.org/\"");
  }
  if (!spec.privacy().empty()) {
    check.Titles("privacy", spec.privacy(), Checker::Need::kEveryLanguage, limits::kPrivacyCharacters, true);
  }
  if (spec.default_queue().empty()) {
    check.Mistake("default_queue", "is missing; contacts that no rule places go there");
  } else {
    check.Refer("default_queue", "queue", spec.default_queue(), &check.queues);
  }
}

}  // namespace
}  // namespace checks

Findings Validate(const v1::HubSpec& spec) {
  checks::Checker check(spec);
  checks::CheckHub(check);
  checks::CheckQueues(check);
  checks::CheckPeople(check);
  if (check.findings.mistakes.empty()) checks::CheckCoverage(check);
  return std::move(check.findings);
}

namespace {

template <class List, class Rank>
void SortBy(List* list, Rank rank) {
  std::sort(list->begin(), list->end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

template <class List>
void Sort(List* list) {
  std::sort(list->begin(), list->end());
}

void NormalizeQueue(v1::QueueSpec& queue) {
  // 1/100 of a percent is as fine as a target gets; what is shown is then all there is.
  queue.set_target_share(queue.target_share() == 0 ? 0.8 : std::round(queue.target_share() * 10000) / 10000);
  if (!queue.has_target_time()) queue.mutable_target_time()->set_seconds(60);
  if (!queue.has_offer_time()) queue.mutable_offer_time()->set_seconds(30);
  if (!queue.has_wrap_up_time()) queue.mutable_wrap_up_time()->set_seconds(120);
  if (!queue.has_relax_language_after()) queue.mutable_relax_language_after()->set_seconds(0);
  if (!queue.has_prefer_last_agent()) queue.mutable_prefer_last_agent()->set_seconds(0);
  SortBy(queue.mutable_required_skills(), [](const auto& level) { return level.skill(); });
}

void NormalizeUser(v1::UserSpec& user, const std::string& default_language) {
  if (user.interface_language().empty()) user.set_interface_language(default_language);
  user.clear_password_ref();
  Sort(user.mutable_roles());
  Sort(user.mutable_teams());
  SortBy(user.mutable_skills(), [](const auto& level) { return level.skill(); });
  SortBy(user.mutable_capacity(), [](const auto& capacity) { return capacity.channel(); });
}

}  // namespace

void Normalize(v1::HubSpec& spec) {
  for (auto& hours : *spec.mutable_hours()) {
    SortBy(hours.mutable_spans(), [](const auto& span) { return std::pair(span.weekday(), span.start_minute()); });
    Sort(hours.mutable_holidays());
  }
  for (auto& queue : *spec.mutable_queues()) NormalizeQueue(queue);
  for (auto& team : *spec.mutable_teams()) Sort(team.mutable_queues());
  for (auto& user : *spec.mutable_users()) NormalizeUser(user, spec.languages(0));
  SortBy(spec.mutable_users(), [](const auto& user) { return user.username(); });
  for (auto& channel : *spec.mutable_channels()) {
    if (channel.flow().empty()) channel.set_flow("welcome");
    Sort(channel.mutable_allowed_origins());
  }
}

}  // namespace haven::directory
