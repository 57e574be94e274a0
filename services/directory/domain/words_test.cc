#include <catch2/catch.hpp>

#include "services/directory/domain/language_tag.h"
#include "services/directory/domain/secret_reference.h"
#include "services/directory/domain/suggest.h"
#include "services/directory/domain/url.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace {

TEST_CASE("Nearest_FindsWhatWasMeant") {
  const std::vector<std::string_view> keys = {"morning", "evening", "night", "legal", "ar"};
  CHECK(Nearest("evning", keys) == "evening");
  CHECK(Nearest("lgeal", keys) == "legal");
  CHECK(Nearest("nihgt", keys) == "night");
  CHECK(Nearest("at", keys) == "ar");
  CHECK(Nearest("morn", keys) == "morning");
  CHECK(Nearest("cooking", keys).empty());
  CHECK(Nearest("", keys).empty());
  CHECK(Nearest(std::string(5000, 'x'), keys).empty());
}

TEST_CASE("Unknown_ListsAFewWhenNoneIsNear") {
  CHECK(Unknown("queue", "x", {}) == "unknown queue \"x\"; none is defined");
  CHECK(Unknown("day", "xxxxxx", {"a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1", "i1", "j1"}) ==
        "unknown day \"xxxxxx\"; known: a1, b1, c1, d1, e1, f1, g1, h1 and 2 more");
}

TEST_CASE("Quoted_HostileText_IsHarmless") {
  CHECK(Quoted("a\x1b[31mb\nc") == "\"a?[31mb?c\"");
  CHECK(Quoted("\xff\xc3(\u202E") ==
        "\"?"
        "?(?\"");
  CHECK(Quoted(std::string(100, 'x')) == "\"" + std::string(64, 'x') + "...\"");
}

TEST_CASE("LanguageTags") {
  CHECK(CanonicalLanguageTag("en") == "en");
  CHECK(CanonicalLanguageTag("PT-br") == "pt-BR");
  CHECK(CanonicalLanguageTag("ku-arab") == "ku-Arab");
  CHECK(CanonicalLanguageTag("zh-hans-cn") == "zh-Hans-CN");
  CHECK(CanonicalLanguageTag("es-419") == "es-419");
  CHECK(CanonicalLanguageTag("ca-valencia") == "ca-valencia");
  for (const char* bad : {"", "e", "english", "en-", "-en", "en_GB", "e1", "en-x-private", "en-a", "x-klingon",
                          "en-GB-US", "en-verylongvariant"}) {
    INFO(bad);
    CHECK_FALSE(CanonicalLanguageTag(bad).has_value());
  }
}

TEST_CASE("Origins_AndAddresses") {
  for (const char* good :
       {"https://example.org", "https://a.example.org:8443", "http://localhost:5173", "http://127.0.0.1"}) {
    INFO(good);
    CHECK(IsOrigin(good));
  }
  for (const char* bad :
       {"", "example.org", "https://", "https://a.org/", "https://a.org?x", "http://a.org", "https://A.org",
        "https://a.org:", "https://a.org:123456", "https://u@a.org", "*", "null", "https://*.a.org"}) {
    INFO(bad);
    CHECK_FALSE(IsOrigin(bad));
  }
  CHECK(IsWebAddress("https://www.wikipedia.org/wiki/Main_Page?x=1#y"));
  CHECK_FALSE(IsWebAddress("javascript:alert(1)"));
  CHECK_FALSE(IsWebAddress("https://a.org/<script>"));
  CHECK_FALSE(IsWebAddress("https://a.org/ b"));
}

TEST_CASE("SecretReferences") {
  const auto file = ParseSecretReference("file:amal-2.txt");
  REQUIRE(file.has_value());
  CHECK(file->kind == SecretReference::Kind::kFile);
  CHECK(file->name == "amal-2.txt");
  CHECK(ParseSecretReference("env:AMAL_PW")->kind == SecretReference::Kind::kEnvironment);
  for (const char* bad :
       {"", "file:", "env:", "file:.hidden", "file:a/b", "file:..", "env:A-B", "secret", "FILE:a", "file:a b"}) {
    INFO(bad);
    CHECK_FALSE(ParseSecretReference(bad).has_value());
  }
}

TEST_CASE("Inspect_Utf8") {
  CHECK(Inspect("مرحبا").characters == 5);
  CHECK(Inspect("a\nb").line_feed);
  CHECK_FALSE(Inspect("a\nb").unprintable);
  CHECK(Inspect("a\u2067b").unprintable);
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    CHECK_FALSE(Inspect(bad).valid);
  }
}

}  // namespace
}  // namespace haven::directory
