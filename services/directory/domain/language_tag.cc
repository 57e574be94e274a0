#include "services/directory/domain/language_tag.h"

#include <algorithm>
#include <vector>

#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

bool IsVariant(std::string_view part) {
  if (!All(part, IsAlnum)) return false;
  return (part.size() >= 5 && part.size() <= 8) || (part.size() == 4 && IsDigit(part[0]));
}

}  // namespace

std::optional<std::string> CanonicalLanguageTag(std::string_view tag) {
  constexpr std::size_t kLongest = 35;  // RFC 5646 section 4.4.1
  if (tag.empty() || tag.size() > kLongest) return std::nullopt;
  std::vector<std::string> parts;
  for (const std::string_view part : Split(tag, '-')) parts.push_back(Lower(part));
  std::string& language = parts[0];
  if (language.size() < 2 || language.size() > 3 || !All(language, IsAlpha)) return std::nullopt;
  std::size_t at = 1;
  if (at < parts.size() && parts[at].size() == 4 && All(parts[at], IsAlpha)) {
    parts[at] = Cat(Upper(parts[at].substr(0, 1)), parts[at].substr(1));
    ++at;
  }
  const auto is_region = [](const std::string& part) {
    return (part.size() == 2 && All(part, IsAlpha)) || (part.size() == 3 && All(part, IsDigit));
  };
  if (at < parts.size() && is_region(parts[at])) {
    parts[at] = Upper(parts[at]);
    ++at;
  }
  for (; at < parts.size(); ++at) {
    if (!IsVariant(parts[at])) return std::nullopt;
  }
  return Join(parts, "-");
}

std::string LanguageSkill(std::string_view tag) {
  return Lower(tag);
}

}  // namespace haven::directory
