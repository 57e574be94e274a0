#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace haven::text {

// Why a text is refused.
enum class TextProblem {
  kNone,
  kTooLong,
  kInvalidUtf8,
  // U+0000 to U+001F except tab and line feed, U+007F to U+009F.
  kControlCharacter,
  // More than 30 combining marks in a row (UAX #15's stream-safe bound): such a text cannot be read, and normalising it
  // costs the square of its length.
  kTooManyMarks,
};

// An English sentence for developers; holds nothing of the text.
std::string_view Describe(TextProblem problem);

struct CleanText {
  TextProblem problem = TextProblem::kNone;
  std::string text;            // empty if refused
  std::size_t characters = 0;  // code points of `text`
};

// What somebody typed, as it is stored: valid UTF-8 in NFC (UAX #15), CR LF and CR as LF, without white space at both
// ends, at most `max_characters` code points. Nothing else is changed: markup, script and bidirectional controls stay
// as they came and are made harmless where they are shown, since taking them out would alter honest Arabic and Hebrew.
CleanText Clean(std::string_view raw, std::size_t max_characters);

// Code points of valid UTF-8.
std::size_t CountCharacters(std::string_view utf8);

// At most `characters` code points of valid UTF-8, cut between code points.
std::string_view Truncate(std::string_view utf8, std::size_t characters);

}  // namespace haven::text
