#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haven::directory {

inline constexpr std::size_t kShortestPassword = 12;
inline constexpr std::size_t kLongestPassword = 1024;

// What is wrong with a new password, for people; nullopt if nothing. Length and what guessers try first (NIST SP
// 800-63B section 5.1.1.2): the user's own names, runs and repetitions, well-known passwords with what people add to
// them. No rules about kinds of characters.
std::optional<std::string> ProblemWithPassword(std::string_view password, std::string_view username,
                                               std::string_view hub);

}  // namespace haven::directory
