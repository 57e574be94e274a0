#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haven::text {

// A form in which two ways of writing the same word are equal: compatibility decomposition, case folded, optional marks
// (accents, Hebrew points, Arabic vowel signs, hamza on a seat), joiners and tatweel taken away, ى and ة as ي and ه,
// every decimal digit as ASCII, white space single. For comparing, never for showing. Takes what text::Clean has
// accepted; empty for invalid UTF-8.
std::string Fold(std::string_view utf8);

// The words of a text in folded form: runs of letters and digits, and marks that folding keeps.
std::vector<std::string> FoldedWords(std::string_view utf8);

}  // namespace haven::text
