#include "services/directory/domain/utf8.h"

namespace haven::directory {

std::optional<char32_t> NextCodePoint(std::string_view text, std::size_t* at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte((*at)++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - *at < static_cast<std::size_t>(more)) return std::nullopt;
  char32_t point = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    const unsigned char next = byte(*at + static_cast<std::size_t>(i));
    if ((next & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (next & 0x3F);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
  *at += static_cast<std::size_t>(more);
  return point;
}

bool IsUnprintable(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

TextFacts Inspect(std::string_view text) {
  TextFacts facts;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = NextCodePoint(text, &at);
    if (!point) {
      facts.valid = false;
      return facts;
    }
    ++facts.characters;
    if (*point == '\n') {
      facts.line_feed = true;
    } else if (IsUnprintable(*point)) {
      facts.unprintable = true;
    }
  }
  return facts;
}

}  // namespace haven::directory
