#include "services/ivr/domain/welcome.h"

#include <catch2/catch.hpp>

#include "services/ivr/domain/engine.h"
#include "services/ivr/domain/texts.h"

namespace haven::ivr {
namespace {

Facts Lebanon() {
  Facts facts;
  facts.hub_name = "Haven Lebanon";
  facts.languages = {"ar", "en", "fr"};
  facts.subjects = {
      {"shelter", {{"en", "Shelter"}, {"ar", "المأوى"}, {"fr", "Logement"}}, "shelter-queue"},
      {"legal", {{"en", "Legal advice"}, {"ar", "استشارة قانونية"}, {"fr", "Conseil juridique"}}, "legal-queue"}};
  facts.default_queue = "general";
  facts.now = absl::CivilMinute(2026, 11, 20, 12, 0);
  facts.page_language = "en";
  return facts;
}

Event Start(std::string text = "") {
  return {true, std::move(text), ""};
}
Event Writes(std::string text) {
  return {false, std::move(text), ""};
}
Event Takes(std::string id) {
  return {false, "", std::move(id)};
}

TEST_CASE("Welcome: a first contact from greeting to queue") {
  const Facts facts = Lebanon();
  Session session = Begin(WelcomeFlow());
  const Outcome greeted = Step(WelcomeFlow(), facts, Start(), &session);
  REQUIRE(greeted.says.size() == 2);
  CHECK(greeted.says[0].text == "Hello, and welcome to Haven Lebanon. We are here to help you.");
  CHECK(greeted.says[1].text ==
        "Which language would you like to use?\nما اللغة المفضّلة لديك؟\nDans quelle langue souhaitez-vous "
        "continuer\u00a0?");
  CHECK(greeted.says[1].choices == std::vector<SaidChoice>{{"ar", "العربية"}, {"en", "English"}, {"fr", "Français"}});

  const Outcome chosen = Step(WelcomeFlow(), facts, Takes("ar"), &session);
  CHECK(chosen.language == "ar");
  REQUIRE(chosen.says.size() == 1);
  CHECK(chosen.says[0].text == "بماذا يمكننا مساعدتك؟");
  CHECK(chosen.says[0].choices == std::vector<SaidChoice>{{"shelter", "المأوى"}, {"legal", "استشارة قانونية"}});

  const Outcome about = Step(WelcomeFlow(), facts, Writes("استشارة قانونية"), &session);
  CHECK(about.subject == "legal");
  REQUIRE(about.says.size() == 1);
  CHECK(about.says[0].text == Text("queued_tell", {"ar"}));
  // In line at once: what happened is told while waiting.
  REQUIRE(about.hand_over);
  CHECK(about.hand_over->queue == "legal-queue");
  CHECK(about.hand_over->language == "ar");
}

TEST_CASE("Welcome: the language is not asked when known, nor with one alone") {
  Facts facts = Lebanon();
  facts.person_language = "fr";
  Session session = Begin(WelcomeFlow());
  const Outcome known = Step(WelcomeFlow(), facts, Start(), &session);
  CHECK(known.says.back().text == Text("ask_subject", {"fr"}));
  CHECK_FALSE(known.language);

  facts.person_language.clear();
  facts.languages = {"es"};
  Session single = Begin(WelcomeFlow());
  const Outcome only = Step(WelcomeFlow(), facts, Start(), &single);
  CHECK(only.language == "es");
  CHECK(only.says.back().text == Text("ask_subject", {"es"}));
}

TEST_CASE("Welcome: a hub without subjects asks for none") {
  Facts facts = Lebanon();
  facts.person_language = "en";
  facts.subjects.clear();
  Session session = Begin(WelcomeFlow());
  CHECK(Step(WelcomeFlow(), facts, Start(), &session).says.back().text == Text("tell_us", {"en"}));
  CHECK(Step(WelcomeFlow(), facts, Writes("x"), &session).hand_over->queue == "general");
}

TEST_CASE("Welcome: closed hours are told honestly and the contact waits all the same") {
  Facts facts = Lebanon();
  facts.person_language = "en";
  facts.open = false;
  facts.opens = absl::CivilMinute(2026, 11, 23, 8, 0);
  Session session = Begin(WelcomeFlow());
  Step(WelcomeFlow(), facts, Start(), &session);
  const Outcome closed = Step(WelcomeFlow(), facts, Takes("legal"), &session);
  REQUIRE(closed.says.size() == 2);
  CHECK(closed.says[0].text.find("will be back on Monday at 08:00") != std::string::npos);
  CHECK(closed.says[1].text == Text("tell_us", {"en"}));
  CHECK(closed.hand_over);
  Session told = Begin(WelcomeFlow());
  Step(WelcomeFlow(), facts, Start("we need a tent"), &told);
  const Outcome kept = Step(WelcomeFlow(), facts, Takes("legal"), &told);
  CHECK(kept.says.at(0).text.find("We keep your message") != std::string::npos);
  CHECK(kept.hand_over);

  facts.opens.reset();
  Session unknown = Begin(WelcomeFlow());
  Step(WelcomeFlow(), facts, Start(), &unknown);
  CHECK(Step(WelcomeFlow(), facts, Takes("legal"), &unknown).says[0].text == Text("closed", {"en"}));
}

TEST_CASE("Welcome: who comes back is welcomed back") {
  Facts facts = Lebanon();
  facts.returning = true;
  facts.person_language = "en";
  facts.last_agent = "agent-1";
  Session session = Begin(WelcomeFlow());
  const Outcome back = Step(WelcomeFlow(), facts, Start("is there any news about my case"), &session);
  CHECK(back.says.at(0).text == Text("welcome_back", {"en"}));
  CHECK(back.says.at(1).text == Text("ask_subject", {"en"}));
  // What was told already is not asked again.
  const Outcome queued = Step(WelcomeFlow(), facts, Takes("legal"), &session);
  REQUIRE(queued.hand_over);
  CHECK(queued.hand_over->preferred_agent == "agent-1");
}

TEST_CASE("Welcome: who comes back soon is not asked for the subject again") {
  Facts facts = Lebanon();
  facts.returning = true;
  facts.person_language = "en";
  facts.last_subject = "legal";
  Session session = Begin(WelcomeFlow());
  const Outcome back = Step(WelcomeFlow(), facts, Start("one more question about it"), &session);
  REQUIRE(back.hand_over);
  CHECK(back.hand_over->queue == "legal-queue");
  CHECK(back.subject == "legal");
  CHECK(back.says.size() == 2);
}

TEST_CASE("Welcome: a story told at the wrong question is not asked for again") {
  const Facts facts = Lebanon();
  Session session = Begin(WelcomeFlow());
  Step(WelcomeFlow(), facts, Start(), &session);
  Step(WelcomeFlow(), facts, Writes("our house has burnt down last night"), &session);
  Step(WelcomeFlow(), facts, Takes("en"), &session);
  CHECK(Step(WelcomeFlow(), facts, Takes("shelter"), &session).hand_over);
}

TEST_CASE("Welcome: help leads to the queue before language and subject are known") {
  const Facts facts = Lebanon();
  Session session = Begin(WelcomeFlow());
  Step(WelcomeFlow(), facts, Start(), &session);
  const Outcome human = Step(WelcomeFlow(), facts, Writes("ساعدوني"), &session);
  REQUIRE(human.hand_over);
  CHECK(human.hand_over->queue == "general");
  CHECK(human.hand_over->language == "en");  // of the page
  CHECK(human.says.at(0).text == Text("human", {"en"}));
}

TEST_CASE("Welcome: a hub whose language has no texts speaks the next one it has") {
  Facts facts = Lebanon();
  facts.languages = {"my", "fr"};
  facts.page_language = "my";
  Session session = Begin(WelcomeFlow());
  const Outcome greeted = Step(WelcomeFlow(), facts, Start(), &session);
  CHECK(greeted.says.at(0).text.find("Bonjour") == 0);
  CHECK(greeted.says.at(1).choices.at(0) == SaidChoice{"my", "မြန်မာ"});
}

}  // namespace
}  // namespace haven::ivr
