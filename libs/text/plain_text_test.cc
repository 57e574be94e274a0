#include "libs/text/plain_text.h"

#include <catch2/catch.hpp>
#include <string>

namespace haven::text {
namespace {

std::string Repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

TEST_CASE("Clean keeps what people write") {
  CHECK(Clean("hello", 10).text == "hello");
  CHECK(Clean("  two\tlines\r\nand\rthree \n ", 100).text == "two\tlines\nand\nthree");
  CHECK(Clean("\u3000 مرحبا \u00a0", 100).text == "مرحبا");
  CHECK(Clean("", 10).text.empty());
  CHECK(Clean(" \n ", 10).characters == 0);
}

TEST_CASE("Clean composes to NFC") {
  const CleanText cleaned = Clean("e\u0301", 10);
  CHECK(cleaned.text == "\u00e9");
  CHECK(cleaned.characters == 1);
  // Singletons too: the Angstrom sign becomes the letter.
  CHECK(Clean("\u212b", 10).text == "\u00c5");
}

TEST_CASE("Clean leaves markup, script and bidirectional controls as they came") {
  for (const std::string text : {"<script>alert('x')</script>", "&lt;b&gt; \" '", "\u202egnp.exe\u202c", "a\u2066b",
                                 "\u200fשלום\u200e", "😀👨‍👩‍👧", "http://example.org/?a=1&b=2"}) {
    CHECK(Clean(text, 100).problem == TextProblem::kNone);
    CHECK(Clean(text, 100).text == text);
  }
}

TEST_CASE("Clean counts characters, not bytes") {
  CHECK(Clean(Repeat("ع", 4000), 4000).problem == TextProblem::kNone);
  CHECK(Clean(Repeat("ع", 4001), 4000).problem == TextProblem::kTooLong);
  CHECK(Clean(Repeat("😀", 4000), 4000).characters == 4000);
  CHECK(Clean(Repeat(" ", 500) + Repeat("x", 4000), 4000).problem == TextProblem::kNone);
  CHECK(Clean(Repeat("x", 1'000'000), 4000).problem == TextProblem::kTooLong);
}

TEST_CASE("Clean refuses invalid UTF-8") {
  for (const std::string text : {"\xff", "\xc3", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    CHECK(Clean(text, 100).problem == TextProblem::kInvalidUtf8);
    CHECK(Clean(text, 100).text.empty());
  }
}

TEST_CASE("Clean refuses control characters") {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\x1b[31m"), std::string("\x07"),
                                  std::string("\x7f"), std::string("\u0085"), std::string("\u009b")}) {
    CHECK(Clean(text + "z", 100).problem == TextProblem::kControlCharacter);
  }
}

TEST_CASE("Clean refuses heaps of combining marks, which cost the square of their length") {
  CHECK(Clean("a" + Repeat("\u0301", 30), 100).problem == TextProblem::kNone);
  CHECK(Clean("a" + Repeat("\u0301\u0316", 2000), 10000).problem == TextProblem::kTooManyMarks);
}

TEST_CASE("Truncate cuts between characters") {
  CHECK(Truncate("عربي", 2) == "عر");
  CHECK(Truncate("ab", 5) == "ab");
  CHECK(Truncate("ab", 0).empty());
}

}  // namespace
}  // namespace haven::text
