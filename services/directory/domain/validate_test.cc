#include "services/directory/domain/validate.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <functional>

#include "services/directory/domain/strings.h"
#include "services/directory/testing/sample_hub.h"

namespace haven::directory {
namespace {

using testing::SampleHub;
using v1::HubSpec;

struct Case {
  const char* path;
  const char* said;  // part of what is said
  std::function<void(HubSpec&)> spoil;
};

bool Holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Show(const std::vector<core::FieldViolation>& findings) {
  std::string text;
  for (const auto& finding : findings) CatTo(&text, finding.field, ": ", finding.description, "\n");
  return text;
}

// Spoils one thing: exactly one mistake, at its path.
void CheckOne(const Case& example) {
  HubSpec hub = SampleHub();
  example.spoil(hub);
  const Findings findings = Validate(hub);
  INFO("expected " << example.path << ": ..." << example.said << "...\ntold:\n" << Show(findings.mistakes));
  REQUIRE(findings.mistakes.size() == 1);
  CHECK(findings.mistakes[0].field == example.path);
  CHECK(Holds(findings.mistakes[0].description, example.said));
}

v1::OpenSpan Span(int weekday, int start, int end) {
  v1::OpenSpan span;
  span.set_weekday(weekday);
  span.set_start_minute(start);
  span.set_end_minute(end);
  return span;
}

TEST_CASE("Validate_SampleHub_HasNothingToSay") {
  const Findings findings = Validate(SampleHub());
  CHECK(Show(findings.mistakes) == "");
  CHECK(Show(findings.warnings) == "");
}

TEST_CASE("Validate_Hub_OneMistakeEach") {
  const std::vector<Case> cases = {
      {"key", "no key of a hub", [](HubSpec& h) { h.set_key("Demo Hub"); }},
      {"display_name", "is missing", [](HubSpec& h) { h.set_display_name("  "); }},
      {"display_name", "at most 100", [](HubSpec& h) { h.set_display_name(std::string(101, 'x')); }},
      {"display_name", "reorder", [](HubSpec& h) { h.set_display_name("a\u202Eb"); }},
      {"time_zone", "no IANA time zone", [](HubSpec& h) { h.set_time_zone("Beirut"); }},
      {"languages[1]", "no language tag",
       [](HubSpec& h) {
         h.set_languages(1, "arabic-language");
         h.mutable_privacy()->erase("ar");
         (*h.mutable_privacy())["arabic-language"] = "x";
         h.mutable_subjects(0)->mutable_titles()->erase("ar");
         (*h.mutable_subjects(0)->mutable_titles())["arabic-language"] = "x";
         h.mutable_users(0)->mutable_skills(2)->set_skill("arabic-language");
       }},
      {"languages[0]", "write \"en\" instead of \"EN\"",
       [](HubSpec& h) {
         h.set_languages(0, "EN");
         h.clear_privacy();
         h.clear_subjects();
         h.clear_dispositions();
       }},
      {"display_name", "not UTF-8", [](HubSpec& h) { h.set_display_name("a\xff"); }},
      {"languages[2]", "is there twice", [](HubSpec& h) { h.add_languages("en"); }},
      {"quick_exit_url", "no https address", [](HubSpec& h) { h.set_quick_exit_url("http://www.wikipedia.org/"); }},
      {"quick_exit_url", "no https address", [](HubSpec& h) { h.set_quick_exit_url("https://a.org/\"onclick"); }},
      {"quick_exit_url", "no https address", [](HubSpec& h) { h.set_quick_exit_url("https://user@a.org/"); }},
      {"privacy", "no text for language \"ar\"", [](HubSpec& h) { h.mutable_privacy()->erase("ar"); }},
      {"privacy.fr", "unknown language of the hub \"fr\"", [](HubSpec& h) { (*h.mutable_privacy())["fr"] = "x"; }},
      {"default_queue", "is missing", [](HubSpec& h) { h.clear_default_queue(); }},
      {"default_queue", "did you mean \"general\"?", [](HubSpec& h) { h.set_default_queue("genral"); }},
  };
  for (const Case& example : cases) CheckOne(example);
}

TEST_CASE("Validate_Queues_OneMistakeEach") {
  const std::vector<Case> cases = {
      {"hours[0].spans[5]", "mon 16:00-18:00 overlaps mon 08:00-17:00",
       [](HubSpec& h) { *h.mutable_hours(0)->add_spans() = Span(1, 16 * 60, 18 * 60); }},
      {"hours[0].spans[5]", "mon 07:00-09:00 overlaps",
       [](HubSpec& h) { *h.mutable_hours(0)->add_spans() = Span(1, 420, 540); }},
      {"hours[0].spans[0]", "weekday 0", [](HubSpec& h) { h.mutable_hours(0)->mutable_spans(0)->set_weekday(0); }},
      {"hours[0].spans[0]", "no span of a day",
       [](HubSpec& h) { *h.mutable_hours(0)->mutable_spans(0) = Span(1, 600, 600); }},
      {"hours[0].spans[0]", "no span of a day",
       [](HubSpec& h) { *h.mutable_hours(0)->mutable_spans(0) = Span(1, 0, 1441); }},
      {"hours[0].holidays[1]", "no day", [](HubSpec& h) { h.mutable_hours(0)->add_holidays("2027-02-29"); }},
      {"hours[0].holidays[1]", "is there twice", [](HubSpec& h) { h.mutable_hours(0)->add_holidays("2026-12-25"); }},
      {"hours[1].key", "twice; first as hours[0]", [](HubSpec& h) { h.add_hours()->set_key("day"); }},
      {"hours[0].spans", "at most 100",
       [](HubSpec& h) {
         for (int i = 0; i < 100; ++i) *h.mutable_hours(0)->add_spans() = Span(6, i, i + 1);
       }},
      {"skills[0].display_name", "is missing", [](HubSpec& h) { h.mutable_skills(0)->clear_display_name(); }},
      {"queues[2].key", "no key",
       [](HubSpec& h) {
         h.add_queues()->set_key("Big queue");
         h.mutable_queues(2)->set_display_name("x");
       }},
      {"queues[1].hours", "unknown hours \"dya\"; did you mean \"day\"?",
       [](HubSpec& h) { h.mutable_queues(1)->set_hours("dya"); }},
      {"queues[1].hours", "unknown hours \"night-shift\"; known: day",
       [](HubSpec& h) { h.mutable_queues(1)->set_hours("night-shift"); }},
      {"queues[0].target_share", "between 0 and 1", [](HubSpec& h) { h.mutable_queues(0)->set_target_share(80); }},
      {"queues[0].target_share", "between 0 and 1",
       [](HubSpec& h) { h.mutable_queues(0)->set_target_share(std::nan("")); }},
      {"queues[0].target_time", "out of range",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_target_time()->set_seconds(0); }},
      {"queues[0].offer_time", "4s is out of range; 5s to 5m",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_offer_time()->set_seconds(4); }},
      {"queues[0].offer_time", "whole number",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_offer_time()->set_nanos(5); }},
      {"queues[0].wrap_up_time", "0s to 30m",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_wrap_up_time()->set_seconds(1801); }},
      {"queues[0].wrap_up_time", "out of range",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_wrap_up_time()->set_seconds(INT64_MIN); }},
      {"queues[0].priority_seconds", "out of range",
       [](HubSpec& h) { h.mutable_queues(0)->set_priority_seconds(INT32_MIN); }},
      {"queues[1].required_skills[0].skill", "unknown skill \"leagl\"; did you mean \"legal\"?",
       [](HubSpec& h) { h.mutable_queues(1)->mutable_required_skills(0)->set_skill("leagl"); }},
      {"queues[1].required_skills[0].level", "not one of 1 to 5",
       [](HubSpec& h) { h.mutable_queues(1)->mutable_required_skills(0)->set_level(6); }},
      {"queues[1].required_skills[1].skill", "is there twice",
       [](HubSpec& h) { *h.mutable_queues(1)->add_required_skills() = h.queues(1).required_skills(0); }},
      {"subjects[0].titles", "no text for language \"ar\"",
       [](HubSpec& h) { h.mutable_subjects(0)->mutable_titles()->erase("ar"); }},
      {"subjects[0].titles.de", "unknown language",
       [](HubSpec& h) { (*h.mutable_subjects(0)->mutable_titles())["de"] = "Recht"; }},
      {"subjects[0].titles.ar", "is missing",
       [](HubSpec& h) { (*h.mutable_subjects(0)->mutable_titles())["ar"] = ""; }},
      {"subjects[0].queue", "unknown queue", [](HubSpec& h) { h.mutable_subjects(0)->set_queue("cooking"); }},
      {"channels[0].kind", "not supported yet",
       [](HubSpec& h) { h.mutable_channels(0)->set_kind(channels::v1::CHANNEL_SMS); }},
      {"channels[0].kind", "no kind", [](HubSpec& h) { h.mutable_channels(0)->clear_kind(); }},
      {"channels[0].flow", "unknown flow \"hello\"", [](HubSpec& h) { h.mutable_channels(0)->set_flow("hello"); }},
      {"channels[0].hours", "unknown hours", [](HubSpec& h) { h.mutable_channels(0)->set_hours("nights"); }},
      {"channels[0].allowed_origins[1]", "no origin",
       [](HubSpec& h) { h.mutable_channels(0)->add_allowed_origins("https://a.org/x"); }},
      {"channels[0].allowed_origins[1]", "no origin",
       [](HubSpec& h) { h.mutable_channels(0)->add_allowed_origins("http://a.org"); }},
      {"dispositions[0].titles", "no text for language \"en\"",
       [](HubSpec& h) { h.mutable_dispositions(0)->mutable_titles()->erase("en"); }},
  };
  for (const Case& example : cases) CheckOne(example);
}

TEST_CASE("Validate_People_OneMistakeEach") {
  const std::vector<Case> cases = {
      {"teams[0].queues[2]", "unknown queue", [](HubSpec& h) { h.mutable_teams(0)->add_queues("lgeal2"); }},
      {"teams[0].queues[2]", "is there twice", [](HubSpec& h) { h.mutable_teams(0)->add_queues("legal"); }},
      {"users[0].username", "no user name", [](HubSpec& h) { h.mutable_users(0)->set_username("Amal"); }},
      {"users[1].username", "is there twice", [](HubSpec& h) { h.mutable_users(1)->set_username("amal"); }},
      {"users[0].roles", "at least one role", [](HubSpec& h) { h.mutable_users(0)->clear_roles(); }},
      {"users[0].roles[0]", "no role",
       [](HubSpec& h) { h.mutable_users(0)->set_roles(0, options::v1::ROLE_INTEGRATOR); }},
      {"users[0].roles[1]", "agent is there twice",
       [](HubSpec& h) { h.mutable_users(0)->add_roles(options::v1::ROLE_AGENT); }},
      {"users[0].teams[0]", "unknown team \"frist\"; did you mean \"first\"?",
       [](HubSpec& h) { h.mutable_users(0)->set_teams(0, "frist"); }},
      {"users[0].teams[1]", "is there twice", [](HubSpec& h) { h.mutable_users(0)->add_teams("first"); }},
      {"users[0].capacity[0].channel", "no channel",
       [](HubSpec& h) { h.mutable_users(0)->mutable_capacity(0)->clear_channel(); }},
      {"users[0].skills[2].skill", "unknown skill \"fr\"",
       [](HubSpec& h) { h.mutable_users(0)->mutable_skills(2)->set_skill("fr"); }},
      {"users[0].skills[2].level", "level 0", [](HubSpec& h) { h.mutable_users(0)->mutable_skills(2)->set_level(0); }},
      {"users[0].capacity[0].limit", "0 to 50",
       [](HubSpec& h) { h.mutable_users(0)->mutable_capacity(0)->set_limit(51); }},
      {"users[0].capacity[1].limit", "one call at a time",
       [](HubSpec& h) { h.mutable_users(0)->mutable_capacity(1)->set_limit(2); }},
      {"users[0].capacity[1].exclusive", "voice: 1 exclusive",
       [](HubSpec& h) { h.mutable_users(0)->mutable_capacity(1)->set_exclusive(false); }},
      {"users[0].capacity[2].channel", "webchat is there twice",
       [](HubSpec& h) { *h.mutable_users(0)->add_capacity() = h.users(0).capacity(0); }},
      {"users[0].password_ref", "by reference only",
       [](HubSpec& h) { h.mutable_users(0)->set_password_ref("tulip-garden-47"); }},
      {"users[0].password_ref", "by reference only",
       [](HubSpec& h) { h.mutable_users(0)->set_password_ref("file:../../etc/shadow"); }},
      {"users[0].interface_language", "no language tag",
       [](HubSpec& h) { h.mutable_users(0)->set_interface_language("EN"); }},
  };
  for (const Case& example : cases) CheckOne(example);
}

TEST_CASE("Validate_PasswordRef_NeverRepeatsWhatIsWritten") {
  HubSpec hub = SampleHub();
  hub.mutable_users(0)->set_password_ref("tulip-garden-47");
  CHECK_FALSE(Holds(Show(Validate(hub).mistakes), "tulip"));
}

TEST_CASE("Validate_EmptyHub_NamesAllThatIsMissing") {
  const Findings findings = Validate(HubSpec());
  CHECK(Show(findings.mistakes) ==
        "display_name: is missing\n"
        "time_zone: \"\" is no IANA time zone, such as \"Asia/Beirut\"\n"
        "languages: at least one language is needed, such as \"en\"\n"
        "default_queue: is missing; contacts that no rule places go there\n"
        "queues: at least one queue is needed\n");
}

TEST_CASE("Validate_SeveralMistakes_AllToldInOrder") {
  HubSpec hub = SampleHub();
  hub.mutable_users(1)->set_teams(0, "x");
  hub.set_time_zone("Mars/Base");
  hub.mutable_queues(0)->set_hours("dawn");
  const Findings findings = Validate(hub);
  REQUIRE(findings.mistakes.size() == 3);
  CHECK(findings.mistakes[0].field == "time_zone");
  CHECK(findings.mistakes[1].field == "queues[0].hours");
  CHECK(findings.mistakes[2].field == "users[1].teams[0]");
}

void CheckWarning(const Case& example) {
  HubSpec hub = SampleHub();
  example.spoil(hub);
  const Findings findings = Validate(hub);
  INFO("expected " << example.path << ": ..." << example.said << "...\ntold:\n"
                   << Show(findings.mistakes) << Show(findings.warnings));
  CHECK(findings.mistakes.empty());
  bool told = false;
  for (const auto& warning : findings.warnings) {
    told |= warning.field == example.path && Holds(warning.description, example.said);
  }
  CHECK(told);
}

TEST_CASE("Validate_Warnings") {
  const std::vector<Case> cases = {
      {"hours[1]", "nothing uses", [](HubSpec& h) { h.add_hours()->set_key("night"); }},
      {"skills[1]", "no queue requires",
       [](HubSpec& h) {
         h.add_skills()->set_key("cooking");
         h.mutable_skills(1)->set_display_name("Cooking");
       }},
      {"teams[1]", "nobody is in this team",
       [](HubSpec& h) {
         h.add_teams()->set_key("second");
         h.mutable_teams(1)->set_display_name("Second");
       }},
      {"queues[0]", "no agent serves this queue", [](HubSpec& h) { h.mutable_users(0)->set_disabled(true); }},
      {"queues[1]", "no agent serves this queue",
       [](HubSpec& h) { h.mutable_teams(0)->mutable_queues()->RemoveLast(); }},
      {"queues[1].required_skills", "no agent who serves",
       [](HubSpec& h) { h.mutable_users(0)->mutable_skills(0)->set_level(1); }},
      {"queues[1]", "speaks \"ar\"", [](HubSpec& h) { h.mutable_users(0)->mutable_skills()->RemoveLast(); }},
      {"queues[0].relax_language_after", "no effect",
       [](HubSpec& h) { h.mutable_queues(0)->mutable_relax_language_after()->set_seconds(60); }},
      {"users[0].teams", "in no team", [](HubSpec& h) { h.mutable_users(0)->clear_teams(); }},
      {"users[0].capacity", "no capacity", [](HubSpec& h) { h.mutable_users(0)->clear_capacity(); }},
      {"users", "administrator", [](HubSpec& h) { h.mutable_users(1)->mutable_roles()->RemoveLast(); }},
      {"channels", "no channel", [](HubSpec& h) { h.clear_channels(); }},
      {"privacy", "not told", [](HubSpec& h) { h.clear_privacy(); }},
      {"quick_exit_url", "no quick exit", [](HubSpec& h) { h.clear_quick_exit_url(); }},
  };
  for (const Case& example : cases) CheckWarning(example);
}

TEST_CASE("Validate_RelaxedLanguage_IsNoWarning") {
  HubSpec hub = SampleHub();
  hub.mutable_users(0)->mutable_skills()->RemoveLast();
  hub.mutable_queues(1)->mutable_relax_language_after()->set_seconds(60);
  CHECK(Show(Validate(hub).warnings) == "");
}

TEST_CASE("Validate_TenThousandMistakes_StopsAtTheBound") {
  HubSpec hub = SampleHub();
  for (int i = 0; i < 5000; ++i) hub.add_users()->set_username("X");
  CHECK(Validate(hub).mistakes.size() == 1);  // 5002 users are too many to look at
  hub.mutable_users()->DeleteSubrange(0, 1000);
  const Findings findings = Validate(hub);
  CHECK(findings.mistakes.size() == limits::kFindings);
  CHECK(findings.mistakes.back().description == "there are more mistakes; these are the first");
}

TEST_CASE("Validate_ThreeHundredUsers_InMilliseconds") {
  const HubSpec hub = testing::BigHub(300);
  const auto start = std::chrono::steady_clock::now();
  const Findings findings = Validate(hub);
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(Show(findings.mistakes) == "");
  const auto ms = std::chrono::duration<double, std::milli>(took).count();
  WARN("300 users validated in " << ms << " ms");
  CHECK(ms < 500);  // sanitizers and a busy machine included
}

}  // namespace
}  // namespace haven::directory
