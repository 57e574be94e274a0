#include "services/directory/domain/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "services/directory/domain/strings.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace {

constexpr std::size_t kLongest = 64;

// Optimal string alignment distance; more than `limit` is answered as limit + 1 or more.
int Distance(std::string_view a, std::string_view b) {
  std::array<std::array<int, kLongest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  word = word.substr(0, kLongest);
  const int allowed = std::max(1, static_cast<int>(word.size()) / 3);
  int best = allowed + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    const auto length = static_cast<int>(candidate.size());
    if (std::abs(length - static_cast<int>(word.size())) >= best) continue;
    const int distance = Distance(word, candidate.substr(0, kLongest));
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  constexpr std::size_t kTellingPrefix = 4;
  if (!found.empty() || word.size() < kTellingPrefix) return found;
  const auto longer = std::find_if(candidates.begin(), candidates.end(), [&](auto c) { return c.starts_with(word); });
  return longer == candidates.end() ? std::string_view() : *longer;
}

std::string Unknown(std::string_view noun, std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string text = Cat("unknown ", noun, " ", Quoted(word));
  if (const std::string_view near = Nearest(word, candidates); !near.empty()) {
    return Cat(text, "; did you mean ", Quoted(near), "?");
  }
  if (candidates.empty()) return Cat(text, "; none is defined");
  constexpr std::size_t kShown = 8;
  CatTo(&text, "; known: ");
  for (std::size_t i = 0; i < std::min(kShown, candidates.size()); ++i) {
    CatTo(&text, i == 0 ? "" : ", ", candidates[i]);
  }
  if (candidates.size() > kShown) CatTo(&text, " and ", candidates.size() - kShown, " more");
  return text;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size()) {
    if (at >= kLongest) {
      out += "...";
      break;
    }
    const std::size_t begin = at;
    const auto point = NextCodePoint(text, &at);
    if (!point || IsUnprintable(*point)) {
      out += '?';
    } else {
      out.append(text.substr(begin, at - begin));
    }
  }
  out += '"';
  return out;
}

}  // namespace haven::directory
