#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reads what people type: choices by name, number or language name, and the wish for a human being.
namespace haven::ivr {

// One offered answer.
struct Option {
  std::string id;
  std::string title;
  // Other ways to say it; compared like the title.
  std::vector<std::string> aliases;
};

// The option a person means: by the id of the button, else by the number in the list ("2", "٢."), the id, title or an
// alias written out, or a title or alias that stands in the text as a word and belongs to one option alone.
std::optional<std::size_t> FindOption(const std::vector<Option>& options, std::string_view choice_id,
                                      std::string_view text);

// True if the text holds a word for a human being or for help, in one of `languages` (those that come with Haven) or in
// English. Compared in folded form.
bool AsksForHuman(std::string_view text, const std::vector<std::string>& languages);

// The languages of the hub as options, in their own names.
std::vector<Option> LanguageOptions(const std::vector<std::string>& tags);

}  // namespace haven::ivr
