#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

// Debian's absl::string_view is a type of its own, so absl's string functions do not take std::string_view. These do.
namespace haven::directory {

inline void AppendPiece(std::string* out, std::string_view piece) {
  out->append(piece);
}
template <std::integral T>
void AppendPiece(std::string* out, T number) {
  out->append(std::to_string(number));
}

template <class... Pieces>
void CatTo(std::string* out, const Pieces&... pieces) {
  (AppendPiece(out, pieces), ...);
}
template <class... Pieces>
std::string Cat(const Pieces&... pieces) {
  std::string out;
  CatTo(&out, pieces...);
  return out;
}

template <class List>
std::string Join(const List& list, std::string_view between) {
  std::string out;
  bool first = true;
  for (const auto& item : list) {
    if (!first) out += between;
    out += item;
    first = false;
  }
  return out;
}

// Pieces between separators, as they stand; "" gives one empty piece.
std::vector<std::string_view> Split(std::string_view text, char separator);
// Without the empty ones.
std::vector<std::string_view> Words(std::string_view text);

// Takes `prefix` off the front if it is there.
bool Consume(std::string_view* text, std::string_view prefix);
// ASCII only.
std::string Lower(std::string_view text);
std::string Upper(std::string_view text);
// Without white space at both ends.
std::string_view Trim(std::string_view text);
bool IsLower(char c);
bool IsUpper(char c);
bool IsDigit(char c);
bool IsAlpha(char c);
bool IsAlnum(char c);
bool All(std::string_view text, bool (*test)(char));

}  // namespace haven::directory
