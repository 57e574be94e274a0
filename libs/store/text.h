#pragma once

// Private to libs/store. Debian's absl::string_view is not std::string_view, so absl::StrCat does not take ours.

#include <string>
#include <string_view>
#include <type_traits>

namespace haven::store {

inline void AppendPiece(std::string& out, std::string_view piece) {
  out.append(piece);
}
template <class T>
requires std::is_arithmetic_v<T>
void AppendPiece(std::string& out, T piece) {
  out.append(std::to_string(piece));
}

template <class... Pieces>
std::string Cat(const Pieces&... pieces) {
  std::string out;
  (AppendPiece(out, pieces), ...);
  return out;
}

inline std::string Hex(std::string_view raw) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(raw.size() * 2);
  for (const char c : raw) {
    out.push_back(kDigits[(c >> 4) & 15]);
    out.push_back(kDigits[c & 15]);
  }
  return out;
}

}  // namespace haven::store
