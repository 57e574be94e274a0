#include "services/ivr/domain/answer.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/text/fold.h"
#include "libs/text/language.h"

namespace haven::ivr {
namespace {

struct HumanWords {
  std::string_view language;
  std::vector<std::string_view> words;
};

// Whole words, as people write them; folding takes care of case, accents, hamza and final forms.
const std::vector<HumanWords>& Lists() {
  static const auto* const lists = new std::vector<HumanWords>{
      {"en",
       {"human", "agent", "help", "person", "people", "operator", "adviser", "advisor", "representative", "someone",
        "somebody", "sos"}},
      {"ar",
       {"مساعدة", "المساعدة", "مساعده", "ساعدوني", "ساعدني", "ساعدوا", "النجدة", "نجدة", "إنسان", "شخص", "موظف",
        "موظفة", "الموظف", "مستشار", "مستشارة", "أحد", "وكيل"}},
      {"fr",
       {"humain", "humaine", "agent", "agente", "aide", "aider", "aidez", "aidez-moi", "secours", "conseiller",
        "conseillère", "quelqu'un", "quelqu’un", "personne", "opérateur", "opératrice"}},
      {"es",
       {"humano", "humana", "agente", "ayuda", "ayudar", "ayúdenme", "ayúdame", "socorro", "asesor", "asesora",
        "persona", "alguien", "operador", "operadora"}},
  };
  return *lists;
}

struct FoldedList {
  std::string_view language;
  std::set<std::string, std::less<>> words;
};

const std::vector<FoldedList>& FoldedLists() {
  static const auto* const folded = [] {
    auto* out = new std::vector<FoldedList>;
    for (const HumanWords& list : Lists()) {
      FoldedList entry{list.language, {}};
      // A word with an apostrophe or a hyphen is several words to FoldedWords; the longest is its mark.
      for (const std::string_view word : list.words) {
        const auto parts = text::FoldedWords(word);
        entry.words.insert(*std::max_element(parts.begin(), parts.end(),
                                             [](const auto& a, const auto& b) { return a.size() < b.size(); }));
      }
      out->push_back(std::move(entry));
    }
    return out;
  }();
  return *folded;
}

std::optional<std::size_t> ByNumber(const std::vector<std::string>& words, std::size_t count) {
  if (words.size() != 1) return std::nullopt;
  std::size_t number = 0;
  const std::string& word = words.front();
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 1 || number > count) return std::nullopt;
  return number - 1;
}

std::string FoldedPhrase(std::string_view text) {
  return absl::StrJoin(text::FoldedWords(text), " ");
}

// Every name of every option, folded.
using Names = std::vector<std::vector<std::string>>;

Names FoldedNames(const std::vector<Option>& options) {
  Names names;
  names.reserve(options.size());
  for (const Option& option : options) {
    std::vector<std::string>& of = names.emplace_back();
    of.push_back(FoldedPhrase(option.title));
    of.push_back(FoldedPhrase(option.id));
    for (const std::string& alias : option.aliases) of.push_back(FoldedPhrase(alias));
  }
  return names;
}

// The only option that has a name for which `matches` holds.
template <class F>
std::optional<std::size_t> Only(const Names& names, F matches) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::none_of(names[i].begin(), names[i].end(), matches)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace

std::optional<std::size_t> FindOption(const std::vector<Option>& options, std::string_view choice_id,
                                      std::string_view text) {
  if (!choice_id.empty()) {
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (options[i].id == choice_id) return i;
    }
  }
  const auto words = text::FoldedWords(text);
  if (words.empty()) return std::nullopt;
  if (const auto number = ByNumber(words, options.size())) return number;
  const std::string phrase = absl::StrJoin(words, " ");
  const Names names = FoldedNames(options);
  if (const auto found = Only(names, [&](const std::string& name) { return name == phrase; })) return found;
  const std::string padded = absl::StrCat(" ", phrase, " ");
  // An id such as "en" would be found in a Spanish sentence: only names of three letters and more count inside a text.
  return Only(names, [&](const std::string& name) {
    return name.size() > 2 && padded.find(absl::StrCat(" ", name, " ")) != std::string::npos;
  });
}

bool AsksForHuman(std::string_view text, const std::vector<std::string>& languages) {
  const auto words = text::FoldedWords(text);
  const auto listens = [&](std::string_view language) {
    return language == "en" || std::any_of(languages.begin(), languages.end(), [&](const std::string& tag) {
             return text::PrimarySubtag(tag) == language;
           });
  };
  for (const FoldedList& list : FoldedLists()) {
    if (!listens(list.language)) continue;
    for (const std::string& word : words) {
      if (list.words.contains(word)) return true;
    }
  }
  return false;
}

std::vector<Option> LanguageOptions(const std::vector<std::string>& tags) {
  std::vector<Option> options;
  for (const std::string& tag : tags) {
    Option option{tag, text::LanguageName(tag), {}};
    if (const text::Language* language = text::FindLanguage(tag)) option.aliases.emplace_back(language->english_name);
    // How Arabic is written without its article.
    if (text::PrimarySubtag(tag) == "ar") option.aliases.emplace_back("عربي");
    options.push_back(std::move(option));
  }
  return options;
}

}  // namespace haven::ivr
