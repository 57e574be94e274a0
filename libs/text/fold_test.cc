#include "libs/text/fold.h"

#include <catch2/catch.hpp>

namespace haven::text {
namespace {

TEST_CASE("Fold makes spellings of one word equal") {
  CHECK(Fold("École") == Fold("ecole"));
  CHECK(Fold("Straße") == Fold("STRASSE"));
  CHECK(Fold("إنسان") == Fold("انسان"));
  CHECK(Fold("مُساعَدة") == Fold("مساعده"));
  CHECK(Fold("مســـاعدة") == Fold("مساعدة"));
  CHECK(Fold("على") == Fold("علي"));
  CHECK(Fold("کمک") == Fold("كمك"));
  CHECK(Fold("ＡＢＣ") == "abc");
  CHECK(Fold("  a \n b ") == "a b");
  CHECK(Fold("a\u200db\u202e") == "ab");
  CHECK(Fold("\t Two\nWORDS \x01") == "two words");
  CHECK(Fold("\t Twö\nWORDS \x01") == "two words");
}

TEST_CASE("Fold reads digits of every script") {
  CHECK(Fold("١٢") == "12");
  CHECK(Fold("۳") == "3");
  CHECK(Fold("४") == "4");
  CHECK(Fold("၅") == "5");
}

TEST_CASE("Fold keeps vowel signs that tell words apart") {
  CHECK(Fold("कि") != Fold("का"));
  CHECK(Fold("မိ") != Fold("မာ"));
}

TEST_CASE("Fold of invalid UTF-8 is empty") {
  CHECK(Fold("\xff").empty());
}

TEST_CASE("FoldedWords splits at everything that is no letter, digit or sign") {
  CHECK(FoldedWords("Help! I'm lost…") == std::vector<std::string>{"help", "i", "m", "lost"});
  CHECK(FoldedWords("أريد مساعدة، من فضلك؟") ==
        std::vector<std::string>{Fold("اريد"), Fold("مساعدة"), Fold("من"), Fold("فضلك")});
  CHECK(FoldedWords("  ").empty());
}

}  // namespace
}  // namespace haven::text
