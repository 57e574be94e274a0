#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haven::directory {

// A language tag as people choose them: language, script, region and variants of BCP 47 (RFC 5646 section 2.1), without
// extensions and private use. Returns it in the usual case ("zh-Hans-CN"); nullopt if it is not well-formed. Whether
// the subtags are registered is not looked at.
std::optional<std::string> CanonicalLanguageTag(std::string_view tag);

// The key of the skill of speaking it: keys are lower case.
std::string LanguageSkill(std::string_view tag);

}  // namespace haven::directory
