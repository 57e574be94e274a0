#include "libs/text/plain_text.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace haven::text {
namespace {

constexpr int kMaxMarks = 30;
constexpr std::size_t kMaxBytesPerCharacter = 4;

const utf8proc_uint8_t* Bytes(std::string_view s) {
  return reinterpret_cast<const utf8proc_uint8_t*>(s.data());
}

bool IsControl(utf8proc_int32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c <= 0x9f);
}

bool IsWhiteSpace(utf8proc_int32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::string WithLineFeeds(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\r') {
      out += raw[i];
    } else if (i + 1 == raw.size() || raw[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

// `ascii` is set when nothing needs normalising.
TextProblem Check(std::string_view text, bool* ascii) {
  *ascii = true;
  int marks = 0;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(Bytes(text) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    if (size <= 0) return TextProblem::kInvalidUtf8;
    if (IsControl(c)) return TextProblem::kControlCharacter;
    if (c >= 0x80) {
      *ascii = false;
      marks = utf8proc_get_property(c)->combining_class != 0 ? marks + 1 : 0;
      if (marks > kMaxMarks) return TextProblem::kTooManyMarks;
    } else {
      marks = 0;
    }
    at += static_cast<std::size_t>(size);
  }
  return TextProblem::kNone;
}

std::string_view Trimmed(std::string_view text) {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool seen = false;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(Bytes(text) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    if (size <= 0) break;
    if (!IsWhiteSpace(c)) {
      if (!seen) begin = at;
      seen = true;
      end = at + static_cast<std::size_t>(size);
    }
    at += static_cast<std::size_t>(size);
  }
  return seen ? text.substr(begin, end - begin) : std::string_view{};
}

}  // namespace

std::string_view Describe(TextProblem problem) {
  switch (problem) {
    case TextProblem::kNone:
      return "is fine";
    case TextProblem::kTooLong:
      return "is too long";
    case TextProblem::kInvalidUtf8:
      return "must be valid UTF-8";
    case TextProblem::kControlCharacter:
      return "must not hold control characters other than tab and line feed";
    case TextProblem::kTooManyMarks:
      return "must not hold more than 30 combining marks in a row";
  }
  return "is not acceptable";
}

CleanText Clean(std::string_view raw, std::size_t max_characters) {
  CleanText out;
  // White space at the ends may be cut, so the bound in bytes leaves room for some.
  if (raw.size() > (max_characters + 1024) * kMaxBytesPerCharacter) {
    out.problem = TextProblem::kTooLong;
    return out;
  }
  const std::string text = WithLineFeeds(raw);
  bool ascii = true;
  out.problem = Check(text, &ascii);
  if (out.problem != TextProblem::kNone) return out;
  const std::string_view trimmed = Trimmed(text);
  if (ascii) {
    out.text = trimmed;
  } else {
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(Bytes(trimmed), static_cast<utf8proc_ssize_t>(trimmed.size()), &mapped,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0) {
      out.problem = TextProblem::kInvalidUtf8;
      return out;
    }
    std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    out.text.assign(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  }
  out.characters = CountCharacters(out.text);
  if (out.characters > max_characters) {
    out.text.clear();
    out.problem = TextProblem::kTooLong;
  }
  return out;
}

std::size_t CountCharacters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

std::string_view Truncate(std::string_view utf8, std::size_t characters) {
  std::size_t at = 0;
  for (; at < utf8.size(); ++at) {
    if ((static_cast<unsigned char>(utf8[at]) & 0xc0) == 0x80) continue;
    if (characters == 0) break;
    --characters;
  }
  return utf8.substr(0, at);
}

}  // namespace haven::text
