#include "services/ivr/domain/engine.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "services/ivr/domain/texts.h"
#include "services/ivr/domain/welcome.h"

namespace haven::ivr {
namespace {

Facts EnglishFacts() {
  Facts facts;
  facts.hub_name = "Hub";
  facts.languages = {"en", "fr"};
  facts.person_language = "en";
  facts.default_queue = "general";
  facts.now = absl::CivilMinute(2026, 11, 20, 12, 0);
  return facts;
}

Flow Listed() {
  Flow flow{"listed", 3, "ask", "queue", {}};
  flow.nodes["ask"] =
      AskNode{"ask_subject", "answer", AnswerKind::kListed, {{"a", "weekday_1"}, {"b", "weekday_2"}}, "end"};
  flow.nodes["end"] = EndNode{};
  flow.nodes["queue"] = EnqueueNode{"special"};
  return flow;
}

Event Start() {
  return {true, "", ""};
}
Event Writes(std::string text) {
  return {false, std::move(text), ""};
}

TEST_CASE("A question waits for its answer and keeps it") {
  const Flow flow = Listed();
  REQUIRE(Problems(flow).empty());
  Session session = Begin(flow);
  Outcome first = Step(flow, EnglishFacts(), Start(), &session);
  REQUIRE(first.says.size() == 1);
  CHECK(first.says[0].choices == std::vector<SaidChoice>{{"a", "Monday"}, {"b", "Tuesday"}});
  CHECK(session.node == "ask");
  Outcome second = Step(flow, EnglishFacts(), Event{false, "", "b"}, &session);
  CHECK(second.end);
  CHECK_FALSE(second.hand_over);
  CHECK(session.variables.at("answer") == "b");
  CHECK(session.state == SessionState::kEnded);
}

TEST_CASE("An answer that fits nothing repeats the question twice, then leads to a human") {
  const Flow flow = Listed();
  Session session = Begin(flow);
  Step(flow, EnglishFacts(), Start(), &session);
  for (int i = 0; i < 2; ++i) {
    const Outcome again = Step(flow, EnglishFacts(), Writes("hm"), &session);
    REQUIRE(again.says.size() == 2);
    CHECK(again.says[0].text == Text("not_understood", {"en"}));
    CHECK(again.says[1].choices.size() == 2);
    CHECK_FALSE(again.hand_over);
  }
  const Outcome human = Step(flow, EnglishFacts(), Writes("hm"), &session);
  REQUIRE(human.hand_over);
  CHECK(human.hand_over->queue == "special");
  CHECK(session.state == SessionState::kHandedOver);
}

TEST_CASE("A wish for a human being is heard at any question") {
  const Flow flow = Listed();
  Session session = Begin(flow);
  Step(flow, EnglishFacts(), Start(), &session);
  CHECK(Step(flow, EnglishFacts(), Writes("I want an agent"), &session).hand_over);
}

TEST_CASE("A session that was handed over decides nothing") {
  const Flow flow = Listed();
  Session session = Begin(flow);
  session.state = SessionState::kHandedOver;
  const Session before = session;
  const Outcome outcome = Step(flow, EnglishFacts(), Writes("hello?"), &session);
  CHECK(outcome.says.empty());
  CHECK_FALSE(outcome.hand_over);
  CHECK_FALSE(outcome.end);
  CHECK(session == before);
}

TEST_CASE("An ended session begins again with the message") {
  const Flow flow = Listed();
  Session session = Begin(flow);
  Step(flow, EnglishFacts(), Start(), &session);
  Step(flow, EnglishFacts(), Event{false, "", "a"}, &session);
  REQUIRE(session.state == SessionState::kEnded);
  const Outcome again = Step(flow, EnglishFacts(), Writes("one more thing"), &session);
  CHECK(again.says.size() == 1);
  CHECK(session.state == SessionState::kRunning);
  CHECK(session.variables.count("answer") == 0);
  CHECK(session.variables.at(variable::kSaid) == "1");
}

TEST_CASE("A node that an upgrade took away hands over with an apology") {
  const Flow flow = Listed();
  Session session = Begin(flow);
  session.node = "gone";
  const Outcome outcome = Step(flow, EnglishFacts(), Writes("x"), &session);
  CHECK(outcome.failure == "no question at node gone");
  REQUIRE(outcome.hand_over);
  CHECK(outcome.hand_over->queue == "general");
  CHECK(outcome.says.back().text == Text("failed", {"en"}));
}

TEST_CASE("A step is bounded") {
  Flow flow{"circle", 1, "a", "a", {}};
  flow.nodes["a"] = SetNode{"x", "1", "b"};
  flow.nodes["b"] = SetNode{"x", "2", "a"};
  Session session = Begin(flow);
  const Outcome outcome = Step(flow, EnglishFacts(), Start(), &session);
  CHECK(outcome.failure.find("more than 64 nodes") == 0);
  CHECK(outcome.hand_over);
}

TEST_CASE("Branch, set and hours lead on") {
  Flow flow{"f", 1, "set", "set", {}};
  flow.nodes["set"] = SetNode{"subject", "x", "branch"};
  flow.nodes["branch"] = BranchNode{"subject", {{"x", "hours"}}, "end"};
  flow.nodes["hours"] = HoursNode{"queue", "end"};
  flow.nodes["queue"] = EnqueueNode{};
  flow.nodes["end"] = EndNode{};
  Facts facts = EnglishFacts();
  Session open = Begin(flow);
  const Outcome outcome = Step(flow, facts, Start(), &open);
  REQUIRE(outcome.hand_over);
  CHECK(outcome.subject == "x");
  facts.open = false;
  Session closed = Begin(flow);
  CHECK(Step(flow, facts, Start(), &closed).end);
}

TEST_CASE("More than ten answers are offered in several messages and all understood") {
  Facts facts = EnglishFacts();
  for (int i = 1; i <= 23; ++i)
    facts.subjects.push_back({absl::StrCat("s", i), {{"en", absl::StrCat("Subject ", i, " x")}}, "q"});
  Flow flow{"f", 1, "ask", "queue", {}};
  flow.nodes["ask"] = AskNode{"ask_subject", variable::kSubject, AnswerKind::kSubjects, {}, "queue"};
  flow.nodes["queue"] = EnqueueNode{};
  Session session = Begin(flow);
  const Outcome asked = Step(flow, facts, Start(), &session);
  REQUIRE(asked.says.size() == 3);
  CHECK(asked.says[0].choices.size() == 10);
  CHECK(asked.says[1].text == Text("more_choices", {"en"}));
  CHECK(asked.says[2].choices.size() == 3);
  CHECK(Step(flow, facts, Writes("23"), &session).subject == "s23");
}

TEST_CASE("A long title is cut at 80 characters") {
  Facts facts = EnglishFacts();
  std::string title;
  for (int i = 0; i < 100; ++i) title += "ع";
  facts.subjects.push_back({"long", {{"en", title}}, "q"});
  Session session = Begin(WelcomeFlow());
  const Outcome asked = Step(WelcomeFlow(), facts, Start(), &session);
  const std::string& shown = asked.says.back().choices.at(0).title;
  CHECK(shown.size() == 79 * 2 + 3);
}

TEST_CASE("A step takes microseconds", "[.][benchmark]") {
  Facts facts = EnglishFacts();
  facts.languages = {"ar", "en", "fr", "es"};
  for (int i = 0; i < 8; ++i) {
    facts.subjects.push_back({absl::StrCat("s", i), {{"en", absl::StrCat("Subject ", i)}, {"ar", "موضوع"}}, "q"});
  }
  facts.person_language.clear();
  constexpr int kRounds = 5000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    Session session = Begin(WelcomeFlow());
    Step(WelcomeFlow(), facts, Start(), &session);
    Step(WelcomeFlow(), facts, Writes("العربية"), &session);
    Step(WelcomeFlow(), facts, Writes("I do not know what to choose here"), &session);
    Step(WelcomeFlow(), facts, Event{false, "", "s3"}, &session);
    REQUIRE(session.state == SessionState::kHandedOver);
  }
  const double us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
  std::cout << "ivr step: " << us / (4 * kRounds) << " us\n";
}

}  // namespace
}  // namespace haven::ivr
