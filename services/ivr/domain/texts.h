#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"

// What flows say, in the languages that come with Haven.
namespace haven::ivr {

// Values for the {names} in a text.
using TextValues = std::map<std::string, std::string>;

// True if English, the last resort, has the text.
bool HasText(std::string_view key);
// Languages that come with Haven: primary subtags.
bool HasLanguage(std::string_view tag);

// The text in the first of `languages` that has it, else in English. In a right-to-left text each value is put between
// isolates (U+2068, U+2069), so that a name in Latin letters does not turn the sentence round.
std::string Text(std::string_view key, const std::vector<std::string>& languages, const TextValues& values = {});

// "today at 08:00", "tomorrow at 08:00", "on Monday at 08:00", "on 24/12/2026 at 08:00" in the person's language;
// `languages` as above.
std::string OpeningPhrase(absl::CivilMinute now, absl::CivilMinute opens, const std::vector<std::string>& languages);

// For tests: every key, and the raw text of a language (empty if it lacks it).
std::vector<std::string_view> TextKeys();
std::vector<std::string_view> TextLanguages();
std::string_view RawText(std::string_view key, std::string_view language);

}  // namespace haven::ivr
