#include "services/directory/domain/diff.h"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <functional>

#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"
#include "services/directory/testing/sample_hub.h"

namespace haven::directory {
namespace {

using testing::SampleHub;
using v1::HubSpec;

std::string Show(const std::vector<v1::Change>& changes) {
  std::string text;
  for (const auto& change : changes) {
    const char* sign = change.kind() == v1::Change::KIND_ADD      ? "+"
                       : change.kind() == v1::Change::KIND_REMOVE ? "-"
                                                                  : "~";
    CatTo(&text, sign, " ", change.path(), ": ", change.before(), " > ", change.after(), "\n");
  }
  return text;
}

std::string Changed(const std::function<void(HubSpec&)>& change) {
  HubSpec before = SampleHub();
  HubSpec after = SampleHub();
  change(after);
  Normalize(before);
  Normalize(after);
  const std::string text = Show(Diff(before, after));
  // Told exactly when what is kept differs.
  CHECK(text.empty() == google::protobuf::util::MessageDifferencer::Equals(before, after));
  return text;
}

TEST_CASE("Diff_NothingChanged_IsEmpty") {
  CHECK(Changed([](HubSpec&) {}) == "");
}

TEST_CASE("Diff_WhatHasNoOrder_IsNoChange") {
  CHECK(Changed([](HubSpec& h) {
          h.mutable_users()->SwapElements(0, 1);
          h.mutable_users(1)->mutable_skills()->SwapElements(0, 2);
          h.mutable_hours(0)->mutable_spans()->SwapElements(0, 3);
          h.mutable_teams(0)->mutable_queues()->SwapElements(0, 1);
        }) == "");
}

TEST_CASE("Diff_DefaultsWrittenOut_AreNoChange") {
  CHECK(Changed([](HubSpec& h) {
          h.mutable_queues(0)->mutable_offer_time()->set_seconds(30);
          h.mutable_queues(0)->set_target_share(0.8);
          h.mutable_channels(0)->set_flow("welcome");
        }) == "");
}

TEST_CASE("Diff_PasswordReference_IsNotKept") {
  CHECK(Changed([](HubSpec& h) { h.mutable_users(0)->set_password_ref("env:X"); }) == "");
}

TEST_CASE("Diff_EachField_IsTold") {
  CHECK(Changed([](HubSpec& h) { h.set_display_name("Hub"); }) == "~ name: Demo hub > Hub\n");
  CHECK(Changed([](HubSpec& h) { h.clear_quick_exit_url(); }) == "- quick_exit_url: https://www.wikipedia.org/ > \n");
  CHECK(Changed([](HubSpec& h) { h.mutable_hours(0)->mutable_spans(0)->set_start_minute(540); }) ==
        "~ hours.day.open: mon-fri 08:00-17:00 > mon 09:00-17:00, tue-fri 08:00-17:00\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_hours(0)->clear_holidays(); }) == "- hours.day.holidays: 2026-12-25 > \n");
  CHECK(Changed([](HubSpec& h) { h.mutable_queues(1)->mutable_offer_time()->set_seconds(45); }) ==
        "~ queues.legal.offer_time: 30s > 45s\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_queues(1)->set_target_share(0.9); }) ==
        "~ queues.legal.target: 80% in 1m > 90% in 1m\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_queues(1)->set_priority_seconds(-60); }) ==
        "~ queues.legal.priority: 0s > -1m\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_users(0)->mutable_skills(0)->set_level(4); }) ==
        "~ users.amal.skills: ar: 5, en: 4, legal: 3 > ar: 5, en: 4, legal: 4\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_users(0)->mutable_capacity(0)->set_limit(2); }) ==
        "~ users.amal.capacity: voice: 1 exclusive, webchat: 3 > voice: 1 exclusive, webchat: 2\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_users(0)->set_disabled(true); }) == "~ users.amal.disabled: false > true\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_users(0)->clear_teams(); }) == "- users.amal.teams: first > \n");
  CHECK(Changed([](HubSpec& h) { (*h.mutable_subjects(0)->mutable_titles())["en"] = "Law"; }) ==
        "~ subjects.legal.titles.en: Legal aid > Law\n");
  CHECK(Changed([](HubSpec& h) { h.mutable_channels(0)->add_allowed_origins("https://b.org"); }) ==
        "~ channels.site.allowed_origins: https://example.org > https://b.org, https://example.org\n");
}

TEST_CASE("Diff_ThingsAddedAndRemoved") {
  CHECK(Changed([](HubSpec& h) {
          h.mutable_users(0)->set_username("huda");
          h.mutable_users(0)->set_display_name("Huda");
        }) == "+ users.huda:  > Huda\n- users.amal: Name of amal > \n");
}

TEST_CASE("Diff_OrderOfSubjects_IsTold") {
  HubSpec before = SampleHub();
  *before.add_subjects() = before.subjects(0);
  before.mutable_subjects(1)->set_key("health");
  HubSpec after = before;
  after.mutable_subjects()->SwapElements(0, 1);
  CHECK(Show(Diff(before, after)) == "~ subjects (order): legal, health > health, legal\n");
}

TEST_CASE("Diff_FromNothing_AddsEverything") {
  HubSpec after = SampleHub();
  Normalize(after);
  const auto changes = Diff(HubSpec(), after);
  for (const auto& change : changes) CHECK(change.kind() == v1::Change::KIND_ADD);
  CHECK(changes.size() == 7 + 1 + 1 + 2 + 1 + 1 + 2 + 1 + 1 + 1);
}

TEST_CASE("Diff_LongText_IsCutBetweenCharacters") {
  HubSpec before = SampleHub();
  HubSpec after = SampleHub();
  std::string text;
  for (int i = 0; i < 200; ++i) text += "م";
  (*after.mutable_privacy())["ar"] = text;
  const auto changes = Diff(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].after() == text.substr(0, 160) + "...");
}

}  // namespace
}  // namespace haven::directory
