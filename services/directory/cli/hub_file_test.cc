#include "services/directory/cli/hub_file.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <random>
#include <sstream>

#include "libs/testing/golden.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"

namespace haven::directory {
namespace {

std::string ReadSource(const std::string& path) {
  std::ifstream file(Cat(HAVEN_SOURCE_DIR, "/", path), std::ios::binary);
  REQUIRE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Problems(const HubFile& file) {
  std::string text;
  for (const Problem& problem : file.problems()) CatTo(&text, file.Format(problem), "\n");
  return text;
}

std::string ProblemsOf(const std::string& text) {
  return Problems(HubFile::Parse("hub.yaml", text));
}

TEST_CASE("HubFile_DemoHub_HasNothingToSay") {
  const HubFile file = HubFile::Parse("hub.yaml", ReadSource("deploy/demo/hub.yaml"));
  CHECK(Problems(file) == "");
  CHECK(file.spec().queues_size() == 4);
  CHECK(file.spec().subjects_size() == 5);
  CHECK(file.spec().teams_size() == 3);
  CHECK(file.spec().users_size() == 8);
  CHECK(file.spec().subjects(0).titles().at("ar") == "أين أجد المساعدة");
}

// The manual's sample is the whole language; it must be read without a word.
TEST_CASE("HubFile_SampleOfTheManual_IsRight") {
  const std::string manual = ReadSource("docs/hub-yaml.md");
  const std::size_t begin = manual.find("```yaml\n");
  const std::size_t end = manual.find("\n```\n", begin);
  REQUIRE(end != std::string::npos);
  const HubFile file = HubFile::Parse("sample", manual.substr(begin + 8, end - begin - 7));
  CHECK(Problems(file) == "");
}

TEST_CASE("HubFile_EveryMistake_IsToldAtItsPlace") {
  const HubFile file = HubFile::Parse("hub.yaml", ReadSource("services/directory/cli/testdata/mistakes.yaml"));
  CHECK_FALSE(file.ok());
  CHECK(testing::CompareGolden("services/directory/cli/testdata/mistakes.golden", Problems(file)) == "");
}

TEST_CASE("HubFile_LiteralPassword_IsNeitherKeptNorRepeated") {
  const HubFile file = HubFile::Parse("hub.yaml", ReadSource("services/directory/cli/testdata/mistakes.yaml"));
  CHECK(Problems(file).find("hunter2") == std::string::npos);
  CHECK(file.spec().ShortDebugString().find("hunter2") == std::string::npos);
}

TEST_CASE("HubFile_ReadsEachField") {
  const HubFile file = HubFile::Parse("hub.yaml", ReadSource("deploy/demo/hub.yaml"));
  const v1::HubSpec& spec = file.spec();
  const v1::QueueSpec& protection = spec.queues(3);
  CHECK(protection.key() == "protection");
  CHECK(protection.display_name() == "Protection");
  CHECK(protection.hours() == "always-open");
  CHECK(protection.target_share() == Approx(0.9));
  CHECK(protection.target_time().seconds() == 30);
  CHECK(protection.offer_time().seconds() == 20);
  CHECK(protection.wrap_up_time().seconds() == 300);
  CHECK(protection.priority_seconds() == 600);
  CHECK(protection.required_skills(0).skill() == "protection");
  CHECK(protection.required_skills(0).level() == 3);
  CHECK(protection.match_language());
  CHECK(protection.prefer_last_agent().seconds() == 60);
  CHECK(spec.hours(1).spans_size() == 6);
  CHECK(spec.hours(1).holidays(0) == "2026-12-25");
  const v1::UserSpec& nour = spec.users(3);
  CHECK(nour.username() == "nour");
  CHECK(nour.password_ref() == "file:user-nour");
  REQUIRE(nour.capacity_size() == 2);
  CHECK(nour.capacity(1).channel() == channels::v1::CHANNEL_VOICE);
  CHECK(nour.capacity(1).limit() == 1);
  CHECK(nour.capacity(1).exclusive());
  CHECK_FALSE(nour.capacity(0).exclusive());
  CHECK(spec.users(6).roles_size() == 2);
  CHECK(spec.channels(0).kind() == channels::v1::CHANNEL_WEBCHAT);
}

TEST_CASE("HubFile_SyntaxErrors_HaveAPlace") {
  CHECK(ProblemsOf("") == "hub.yaml:1:1: the file is empty\n");
  CHECK(ProblemsOf("# only a comment\n") == "hub.yaml:1:1: the file is empty\n");
  CHECK(ProblemsOf("name: [a, b\nx: y\n").starts_with("hub.yaml:"));
  CHECK(ProblemsOf("name: a\n\tlanguages: [en]\n").starts_with("hub.yaml:2:"));
  CHECK(ProblemsOf("- a\n- b\n").starts_with("hub.yaml:1:1: is a list, not a map"));
  CHECK(ProblemsOf("name: a\n---\nname: b\n").find("more than one document") != std::string::npos);
  CHECK(ProblemsOf("name: \xff\xfe\n") == "hub.yaml:1:1: the file is not UTF-8 text\n");
  CHECK(ProblemsOf(std::string("name: a\0b\n", 10)) == "hub.yaml:1:1: the file is not UTF-8 text\n");
}

TEST_CASE("HubFile_ColumnsCountCharacters") {
  CHECK(ProblemsOf("privacy: {ar: \"مرحبا\", xx: 1}\n").find("hub.yaml:1:28: privacy.xx") != std::string::npos);
}

TEST_CASE("HubFile_AnchorsAliasesTags_AreRefused") {
  CHECK(ProblemsOf("name: &a x\n").find("hub.yaml:1:7: name: anchors (&) are not read") != std::string::npos);
  CHECK(ProblemsOf("name: &a x\ntime_zone: *a\n").find("hub.yaml:2:12: time_zone: aliases (*)") != std::string::npos);
  CHECK(ProblemsOf("name: !!binary aGVsbG8=\n").find("tags (!) are not read") != std::string::npos);
}

TEST_CASE("HubFile_AliasBomb_StaysSmall") {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? "," : "") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  CHECK(ProblemsOf(bomb).find("aliases") != std::string::npos);
}

std::string Times(int count, std::string_view text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST_CASE("HubFile_HostileShapes_EndSoon") {
  constexpr int kAll = static_cast<int>(yaml_limits::kBytes) - 64;
  constexpr int kMost = kAll / 4;
  const std::vector<std::string> shapes = {
      Times(kAll / 2, "[\n"),
      Times(kMost / 2, "[["),
      Times(kMost / 2, "{{"),
      Times(kMost / 2, "[\n"),
      Times(kMost / 2, "{\n"),
      Times(kMost / 3, "[a\n"),
      Times(kMost / 3, "{a\n"),
      Times(kMost / 60000, Times(29990, "[a") + "\n"),
      Times(kMost / 5, "[a]:\n"),
      Times(kMost / 3, "- \n"),
      Times(kMost / 2, "- "),
      Times(kMost / 2, "? "),
      Times(kMost / 3, "a: "),
      "a: [" + Times(kMost / 2, "a,"),
      "a: [" + Times(kMost / 2, ",,"),
      "a: {" + Times(kMost / 2, ":,"),
      "a: " + Times(kMost, "x"),
      "a: \"" + Times(kMost / 2, "\\x"),
      "a: '" + Times(kMost / 2, "''"),
      Times(kMost / 2, "a\n"),
      Times(kMost / 4, "a:\n "),
      Times(kMost / 2, "#\n"),
      Times(kMost / 4, "&a "),
      Times(kMost / 4, "*a "),
      Times(kMost / 4, "!a "),
      Times(kMost / 4, "---\n"),
      Times(kMost / 8, "a: |\n b\n"),
      "a: |\n" + Times(kMost / 2, " \n"),
      "users: {" + Times(kMost / 10, "\"a\": 1, "),
      "%" + Times(kMost, "A"),
      Times(kMost, " "),
      Times(kMost, "\n"),
      Times(kMost, "\t"),
  };
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const HubFile file = HubFile::Parse("hub.yaml", shapes[i]);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    INFO("shape " << i << " beginning with " << shapes[i].substr(0, 12) << " took " << took << " s");
    CHECK_FALSE(file.ok());
    CHECK(took < 30);
    if (took > 2) WARN("shape " << i << " took " << took << " s");
  }
  CHECK(ProblemsOf(Times(kAll + 65, "x")) == "hub.yaml:1:1: the file is larger than 2 MiB\n");
}

// Whatever is in the file, reading it ends, and ends without a fault (the sanitizers look on in CI).
TEST_CASE("HubFile_RandomDamage_NeverCrashes") {
  const std::string whole = ReadSource("services/directory/cli/testdata/mistakes.yaml");
  const std::vector<std::string> pieces = {
      "[", "]", "{",  "}",  ":",  "- ", "\n",   "  ",   "\"",           "'",     "|",   ">",     "&a",  "*a", "!!",
      "#", "%", "? ", ", ", "\t", "~",  "null", "\xd8", "\xe2\x80\xae", "---\n", "...", "1e999", "<<: "};
  std::mt19937 random(20261122);
  for (int round = 0; round < 400; ++round) {
    std::string text = whole;
    for (unsigned edits = 1 + random() % 12; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const std::size_t length = std::min<std::size_t>(random() % 8, text.size() - at);
      text.replace(at, length, pieces[random() % pieces.size()]);
    }
    const HubFile file = HubFile::Parse("hub.yaml", text);
    for (const Problem& problem : file.problems()) CHECK(problem.place.line >= 1);
  }
}

// What the hub answers is told at its place in the file, also where the file has nothing of the kind.
TEST_CASE("HubFile_Locate_MapsPathsOfTheSpec") {
  const HubFile file =
      HubFile::Parse("hub.yaml",
                     "name: A\nqueues:\n  legal:\n    name: L\n    hours: day\nusers:\n  amal:\n    teams: "
                     "[one, two]\n");
  const auto at = [&](const char* path) { return file.Format(file.Locate(path, "x")); };
  CHECK(at("display_name") == "hub.yaml:1:7: name: x");
  CHECK(at("queues[0].hours") == "hub.yaml:5:12: queues.legal.hours: x");
  CHECK(at("queues[0].display_name") == "hub.yaml:4:11: queues.legal.name: x");
  CHECK(at("queues[0].required_skills[1].level") == "hub.yaml:3:3: queues.legal.requires[1].level: x");
  CHECK(at("users[0].username") == "hub.yaml:7:3: users.amal: x");
  CHECK(at("users[0].teams[1]") == "hub.yaml:8:18: users.amal.teams[1]: x");
  CHECK(at("users[0].password_ref") == "hub.yaml:7:3: users.amal.password: x");
  CHECK(at("time_zone") == "hub.yaml:1:1: time_zone: x");
  CHECK(at("") == "hub.yaml:1:1: x");
}

TEST_CASE("HubFile_ThreeHundredUsers_InMilliseconds") {
  std::string text = ReadSource("deploy/demo/hub.yaml");
  std::string users;
  for (int i = 0; i < 300; ++i) {
    CatTo(&users, "  agent", i, ":\n    name: Agent ", i,
          "\n    roles: [agent]\n    teams: [first-line]\n    skills: {cash: 3, ar: 5, en: 4}\n    capacity: {webchat: "
          "3}\n"
          "    password: file:agent",
          i, "\n");
  }
  text.insert(text.find("\nchannels:\n") + 1, users);
  const auto start = std::chrono::steady_clock::now();
  const HubFile file = HubFile::Parse("hub.yaml", text);
  const auto ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  CHECK(Problems(file) == "");
  CHECK(file.spec().users_size() == 308);
  WARN("hub.yaml with 308 users read and checked in " << ms << " ms");
  CHECK(ms < 2000);
}

}  // namespace
}  // namespace haven::directory
