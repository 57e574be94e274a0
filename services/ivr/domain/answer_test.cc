#include "services/ivr/domain/answer.h"

#include <catch2/catch.hpp>

namespace haven::ivr {
namespace {

const std::vector<Option> kSubjects = {{"shelter", "Shelter and rent", {"Logement et loyer", "المأوى والإيجار"}},
                                       {"legal", "Legal advice", {"Conseil juridique", "استشارة قانونية"}},
                                       {"cash", "Cash", {"Argent", "مساعدة نقدية"}}};

TEST_CASE("FindOption goes by the button first") {
  CHECK(FindOption(kSubjects, "legal", "Shelter and rent") == 1u);
  CHECK(FindOption(kSubjects, "", "") == std::nullopt);
  // A button of an older message falls back to what was written.
  CHECK(FindOption(kSubjects, "gone", "cash") == 2u);
}

TEST_CASE("FindOption reads numbers of any script") {
  CHECK(FindOption(kSubjects, "", "2") == 1u);
  CHECK(FindOption(kSubjects, "", " 3. ") == 2u);
  CHECK(FindOption(kSubjects, "", "٢") == 1u);
  CHECK(FindOption(kSubjects, "", "0") == std::nullopt);
  CHECK(FindOption(kSubjects, "", "4") == std::nullopt);
  CHECK(FindOption(kSubjects, "", "99999999999999999999999") == std::nullopt);
}

TEST_CASE("FindOption reads names in every language of the hub") {
  CHECK(FindOption(kSubjects, "", "LEGAL ADVICE!") == 1u);
  CHECK(FindOption(kSubjects, "", "conseil juridique") == 1u);
  CHECK(FindOption(kSubjects, "", "المأوى و الإيجار") == std::nullopt);
  CHECK(FindOption(kSubjects, "", "المأوي والايجار") == 0u);
  CHECK(FindOption(kSubjects, "", "I need some cash please") == 2u);
}

TEST_CASE("FindOption does not guess between two") {
  CHECK(FindOption(kSubjects, "", "cash or legal") == std::nullopt);
  CHECK(FindOption(kSubjects, "", "something else") == std::nullopt);
}

TEST_CASE("Languages are found by their own name, their English name and their tag") {
  const auto options = LanguageOptions({"ar", "en", "fr", "es"});
  REQUIRE(options.size() == 4);
  CHECK(options[0].title == "العربية");
  for (const auto* text : {"العربية", "عربي", "العربيه", "Arabic", "arabic please", "ar", "1", "١"}) {
    CHECK(FindOption(options, "", text) == 0u);
  }
  CHECK(FindOption(options, "", "francais") == 2u);
  CHECK(FindOption(options, "", "español, por favor") == 3u);
  // "es" and "en" are words of Spanish sentences.
  CHECK(FindOption(options, "", "no es posible entrar en mi casa") == std::nullopt);
}

TEST_CASE("AsksForHuman hears the languages of the hub and English") {
  for (const auto* text : {"help", "HELP!!", "can I talk to a human please", "an agent", "real person"}) {
    CHECK(AsksForHuman(text, {"ar"}));
  }
  for (const auto* text : {"مساعدة", "أريد التحدث مع موظف", "مُساعَدة", "انسان", "ساعدوني!"})
    CHECK(AsksForHuman(text, {"ar"}));
  for (const auto* text : {"À l’aide", "je veux un conseiller", "quelqu’un ?", "aidez-moi"})
    CHECK(AsksForHuman(text, {"fr"}));
  for (const auto* text : {"ayuda", "quiero hablar con una persona", "¡Ayúdenme!"}) CHECK(AsksForHuman(text, {"es"}));
  CHECK_FALSE(AsksForHuman("ayuda", {"ar", "en"}));
  CHECK_FALSE(AsksForHuman("hello", {"ar", "fr", "es", "en"}));
  CHECK_FALSE(AsksForHuman("helpful", {"en"}));
  CHECK_FALSE(AsksForHuman("", {"en"}));
}

}  // namespace
}  // namespace haven::ivr
