#include "libs/text/language.h"

#include <catch2/catch.hpp>

#include "libs/text/plain_text.h"

namespace haven::text {
namespace {

TEST_CASE("FindLanguage goes by the primary subtag") {
  REQUIRE(FindLanguage("ar-LB") != nullptr);
  CHECK(FindLanguage("ar-LB")->name == "العربية");
  CHECK(FindLanguage("AR")->right_to_left);
  CHECK(FindLanguage("xx") == nullptr);
  CHECK(LanguageName("xx-Latn") == "xx-Latn");
  CHECK(LanguageName("fr") == "Français");
}

TEST_CASE("Direction follows a script subtag before the language") {
  CHECK(IsRightToLeft("ckb"));
  CHECK_FALSE(IsRightToLeft("ku"));
  CHECK(IsRightToLeft("ku-Arab"));
  CHECK_FALSE(IsRightToLeft("ar-Latn"));
  CHECK_FALSE(IsRightToLeft("xx"));
}

TEST_CASE("MatchLanguage looks up") {
  const std::vector<std::string> hub = {"ar", "en", "pt-BR"};
  CHECK(MatchLanguage("ar-LB", hub) == "ar");
  CHECK(MatchLanguage("EN", hub) == "en");
  CHECK(MatchLanguage("pt", hub) == "pt-BR");
  CHECK(MatchLanguage("pt-PT", hub) == "pt-BR");
  CHECK(MatchLanguage("de", hub).empty());
  CHECK(MatchLanguage("", hub).empty());
}

TEST_CASE("IsLanguageTag takes shapes of RFC 5646") {
  for (const auto* tag : {"en", "ar-LB", "zh-Hant-TW", "fil", "es-419"}) CHECK(IsLanguageTag(tag));
  for (const auto* tag : {"", "e", "en-", "-en", "en--us", "e1", "<script>", "enenenene", "ع"})
    CHECK_FALSE(IsLanguageTag(tag));
}

}  // namespace
}  // namespace haven::text
