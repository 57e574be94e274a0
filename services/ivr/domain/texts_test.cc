#include "services/ivr/domain/texts.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace haven::ivr {
namespace {

std::set<std::string> Names(std::string_view pattern) {
  std::set<std::string> names;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
    names.insert(std::string(pattern.substr(open + 1, pattern.find('}', open) - open - 1)));
  }
  return names;
}

TEST_CASE("Every text exists in every language, with the same values") {
  for (const auto key : TextKeys()) {
    for (const auto language : TextLanguages()) {
      INFO(key << " in " << language);
      CHECK_FALSE(RawText(key, language).empty());
      CHECK(Names(RawText(key, language)) == Names(RawText(key, "en")));
    }
  }
}

TEST_CASE("Text takes the first language it has, then English") {
  CHECK(Text("weekday_1", {"fr-CA", "en"}) == "lundi");
  CHECK(Text("weekday_1", {"my", "ar", "en"}) == "الاثنين");
  CHECK(Text("weekday_1", {"my"}) == "Monday");
  CHECK(Text("weekday_1", {}) == "Monday");
  CHECK(Text("no_such_text", {"en"}).empty());
}

TEST_CASE("Values are isolated in right-to-left text") {
  CHECK(Text("welcome", {"en"}, {{"hub", "NRC"}}) == "Hello, and welcome to NRC. We are here to help you.");
  CHECK(Text("welcome", {"ar"}, {{"hub", "NRC"}}).find("\u2068NRC\u2069") != std::string::npos);
  // A value that looks like a name is not filled again.
  CHECK(Text("welcome", {"en"}, {{"hub", "{hub}"}}).find("{hub}") != std::string::npos);
}

TEST_CASE("OpeningPhrase says when in words") {
  const absl::CivilMinute now(2026, 11, 20, 19, 30);  // a Friday
  CHECK(OpeningPhrase(now, absl::CivilMinute(2026, 11, 20, 20, 5), {"en"}) == "today at 20:05");
  CHECK(OpeningPhrase(now, absl::CivilMinute(2026, 11, 21, 8, 0), {"fr"}) == "demain à 08:00");
  CHECK(OpeningPhrase(now, absl::CivilMinute(2026, 11, 23, 8, 0), {"es"}) == "el lunes a las 08:00");
  CHECK(OpeningPhrase(now, absl::CivilMinute(2026, 11, 27, 8, 0), {"en"}) == "on 27/11/2026 at 08:00");
}

}  // namespace
}  // namespace haven::ivr
