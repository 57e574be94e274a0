#include "services/directory/testing/sample_hub.h"

#include "services/directory/domain/strings.h"

namespace haven::directory::testing {
namespace {

void AddUser(v1::HubSpec& hub, const std::string& username, std::initializer_list<options::v1::Role> roles) {
  auto& user = *hub.add_users();
  user.set_username(username);
  user.set_display_name(Cat("Name of ", username));
  for (const auto role : roles) user.add_roles(role);
  user.add_teams("first");
  user.set_password_ref(Cat("file:", username));
}

void AddSkill(v1::UserSpec& user, const std::string& skill, int level) {
  auto& added = *user.add_skills();
  added.set_skill(skill);
  added.set_level(level);
}

void AddCapacity(v1::UserSpec& user, channels::v1::Channel channel, int limit, bool exclusive) {
  auto& capacity = *user.add_capacity();
  capacity.set_channel(channel);
  capacity.set_limit(limit);
  capacity.set_exclusive(exclusive);
}

void AddQueues(v1::HubSpec& hub) {
  auto& general = *hub.add_queues();
  general.set_key("general");
  general.set_display_name("General");
  general.set_hours("day");
  auto& legal = *hub.add_queues();
  legal.set_key("legal");
  legal.set_display_name("Legal aid");
  legal.set_hours("day");
  legal.set_match_language(true);
  auto& level = *legal.add_required_skills();
  level.set_skill("legal");
  level.set_level(2);
  auto& subject = *hub.add_subjects();
  subject.set_key("legal");
  subject.set_queue("legal");
  (*subject.mutable_titles())["en"] = "Legal aid";
  (*subject.mutable_titles())["ar"] = "مساعدة قانونية";
}

}  // namespace

v1::HubSpec SampleHub() {
  v1::HubSpec hub;
  hub.set_key("demo");
  hub.set_display_name("Demo hub");
  hub.set_time_zone("Asia/Beirut");
  hub.add_languages("en");
  hub.add_languages("ar");
  hub.set_quick_exit_url("https://www.wikipedia.org/");
  (*hub.mutable_privacy())["en"] = "Our advisers read this.\nIt is kept for a year.";
  (*hub.mutable_privacy())["ar"] = "يقرأ مستشارونا هذه المحادثة.";
  hub.set_default_queue("general");
  auto& day = *hub.add_hours();
  day.set_key("day");
  for (int weekday = 1; weekday <= 5; ++weekday) {
    auto& span = *day.add_spans();
    span.set_weekday(weekday);
    span.set_start_minute(8 * 60);
    span.set_end_minute(17 * 60);
  }
  day.add_holidays("2026-12-25");
  auto& skill = *hub.add_skills();
  skill.set_key("legal");
  skill.set_display_name("Legal aid");
  AddQueues(hub);
  auto& team = *hub.add_teams();
  team.set_key("first");
  team.set_display_name("First line");
  team.add_queues("general");
  team.add_queues("legal");
  AddUser(hub, "amal", {options::v1::ROLE_AGENT});
  AddSkill(*hub.mutable_users(0), "legal", 3);
  AddSkill(*hub.mutable_users(0), "en", 4);
  AddSkill(*hub.mutable_users(0), "ar", 5);
  AddCapacity(*hub.mutable_users(0), channels::v1::CHANNEL_WEBCHAT, 3, false);
  AddCapacity(*hub.mutable_users(0), channels::v1::CHANNEL_VOICE, 1, true);
  AddUser(hub, "rami", {options::v1::ROLE_SUPERVISOR, options::v1::ROLE_ADMINISTRATOR});
  auto& site = *hub.add_channels();
  site.set_key("site");
  site.set_kind(channels::v1::CHANNEL_WEBCHAT);
  site.set_display_name("Website");
  site.add_allowed_origins("https://example.org");
  auto& solved = *hub.add_dispositions();
  solved.set_key("solved");
  (*solved.mutable_titles())["en"] = "Solved";
  return hub;
}

v1::HubSpec BigHub(int count) {
  v1::HubSpec hub = SampleHub();
  for (int i = 0; i < 40; ++i) {
    auto& skill = *hub.add_skills();
    skill.set_key(Cat("skill-", i));
    skill.set_display_name(Cat("Skill ", i));
  }
  for (int i = 0; i < count; ++i) {
    AddUser(hub, Cat("agent", i), {options::v1::ROLE_AGENT});
    auto& user = *hub.mutable_users(hub.users_size() - 1);
    for (int j = 0; j < 10; ++j) AddSkill(user, Cat("skill-", (i * 7 + j * 4) % 40), 1 + (i + j) % 5);
    AddCapacity(user, channels::v1::CHANNEL_WEBCHAT, 3, false);
  }
  return hub;
}

}  // namespace haven::directory::testing
