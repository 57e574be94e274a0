#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haven::directory {

// The candidate that `word` was most likely meant to be: fewest edits (insert, delete, replace, swap of neighbours), at
// most one for each three letters; else the first that begins with it; empty if none is near. Cost: |word| x
// |candidate| each; both are cut at 64 bytes.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// `unknown hours "evning"; did you mean "evening"?`, or the first few that exist when none is near.
std::string Unknown(std::string_view noun, std::string_view word, const std::vector<std::string_view>& candidates);

// For messages: at most 64 bytes of it, in double quotes, without control characters and broken UTF-8.
std::string Quoted(std::string_view text);

}  // namespace haven::directory
