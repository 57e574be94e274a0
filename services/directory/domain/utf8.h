#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace haven::directory {

// The code point at *at; moves *at behind it. nullopt (and one byte forward) where it is not UTF-8 (RFC 3629).
std::optional<char32_t> NextCodePoint(std::string_view text, std::size_t* at);

// Control characters, line separators, and the marks that reorder text around them (bidirectional overrides and
// isolates): nothing a name or a title needs, and what a hostile one would use.
bool IsUnprintable(char32_t point);

struct TextFacts {
  bool valid = true;         // UTF-8
  bool unprintable = false;  // IsUnprintable occurs; line feeds are counted apart
  bool line_feed = false;
  std::size_t characters = 0;
};
TextFacts Inspect(std::string_view text);

}  // namespace haven::directory
