#include "libs/text/fold.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <optional>

namespace haven::text {
namespace {

// The zeros of the decimal digits that people of humanitarian hubs type; nine more follow each.
constexpr utf8proc_int32_t kZeros[] = {0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0be6, 0x0c66,
                                       0x0d66, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0x1c50};

utf8proc_int32_t FoldOne(utf8proc_int32_t c, void* /*data*/) {
  for (const utf8proc_int32_t zero : kZeros) {
    if (c >= zero && c <= zero + 9) return '0' + (c - zero);
  }
  switch (c) {
    case 0x0640:  // tatweel only stretches a word
      return 0x200b;
    case 0x0649:  // alef maksura
    case 0x06cc:  // Farsi yeh
      return 0x064a;
    case 0x0629:  // teh marbuta
      return 0x0647;
    case 0x06a9:  // keheh
      return 0x0643;
    default:
      return c;
  }
}

// Marks that people leave out: accents, Hebrew points, Arabic vowel signs and hamza. Vowel signs of Indic scripts and
// of Burmese are letters to their readers and stay.
bool IsOptionalMark(utf8proc_int32_t c) {
  return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0591 && c <= 0x05c7) || (c >= 0x0610 && c <= 0x061a) ||
         (c >= 0x064b && c <= 0x065f) || c == 0x0670 || (c >= 0x06d6 && c <= 0x06ed && c != 0x06dd && c != 0x06de);
}

bool IsWordPart(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

// Most of what is compared is ASCII, for which nothing needs to be looked up.
std::optional<std::string> FoldAscii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) return std::nullopt;
    if (byte == ' ' || (byte >= '\t' && byte <= '\r')) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (byte > ' ' && byte < 0x7f) {
      out += static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::string Fold(std::string_view utf8) {
  if (auto ascii = FoldAscii(utf8)) return *std::move(ascii);
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map_custom(
      reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()), &mapped,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                     UTF8PROC_IGNORE | UTF8PROC_STRIPCC | UTF8PROC_NLF2LF | UTF8PROC_LUMP),
      &FoldOne, nullptr);
  if (size < 0) return {};
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  std::string out;
  bool space = false;
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(mapped + at, size - at, &c);
    if (length <= 0) return {};
    if (c == ' ' || c == '\n' || c == '\t') {
      space = !out.empty();
    } else if (!IsOptionalMark(c)) {
      if (space) out += ' ';
      space = false;
      out.append(reinterpret_cast<const char*>(mapped + at), static_cast<std::size_t>(length));
    }
    at += length;
  }
  return out;
}

std::vector<std::string> FoldedWords(std::string_view utf8) {
  const std::string folded = Fold(utf8);
  std::vector<std::string> words;
  bool in_word = false;
  for (std::size_t at = 0; at < folded.size();) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(folded.data()) + at,
                                       static_cast<utf8proc_ssize_t>(folded.size() - at), &c);
    if (size <= 0) break;
    if (IsWordPart(c)) {
      if (!in_word) words.emplace_back();
      words.back().append(folded, at, static_cast<std::size_t>(size));
    }
    in_word = IsWordPart(c);
    at += static_cast<std::size_t>(size);
  }
  return words;
}

}  // namespace haven::text
