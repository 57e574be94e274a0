#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haven::text {

// A language as its speakers call it (CLDR).
struct Language {
  std::string_view tag;           // primary subtag, ISO 639
  std::string_view name;          // its name in itself
  std::string_view english_name;  // for people who cannot read `name`
  bool right_to_left;             // of its usual script
};

// By the primary subtag of a BCP 47 tag, whatever its case ("ar", "ar-LB", "AR"). Null if it is not in the table.
const Language* FindLanguage(std::string_view tag);

// The name to show for a tag: its own name, else the tag.
std::string LanguageName(std::string_view tag);
bool IsRightToLeft(std::string_view tag);

// The tag of `available` that serves somebody who asks for `wanted` (RFC 4647 lookup, also from a plain language to a
// regional one: "pt" finds "pt-BR"); empty if none does.
std::string MatchLanguage(std::string_view wanted, const std::vector<std::string>& available);

// Primary subtag in lower case.
std::string PrimarySubtag(std::string_view tag);

// Letters, digits and single hyphens as RFC 5646 allows, at most 35 characters. Says nothing of whether it is
// registered.
bool IsLanguageTag(std::string_view tag);

}  // namespace haven::text
