#include "services/channels/api/input.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "libs/core/ids.h"
#include "libs/text/plain_text.h"

namespace haven::channels {

std::string Input::Uuid(std::string_view field, const std::string& value) {
  if (!core::IsUuid(value)) {
    violations_.push_back({std::string(field), value.empty() ? "is required: a UUID" : "must be a UUID"});
    return {};
  }
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return lower;
}

std::string Input::Text(std::string_view field, const std::string& value, std::size_t min, std::size_t max) {
  text::CleanText cleaned = text::Clean(value, max);
  if (cleaned.problem == text::TextProblem::kTooLong) {
    violations_.push_back({std::string(field), absl::StrCat("must have at most ", max, " characters")});
  } else if (cleaned.problem != text::TextProblem::kNone) {
    violations_.push_back({std::string(field), std::string(text::Describe(cleaned.problem))});
  } else if (cleaned.characters < min) {
    violations_.push_back({std::string(field), "must not be empty"});
  }
  return std::move(cleaned.text);
}

int Input::PageSize(std::string_view field, int value, int standard, int most) {
  if (value < 0 || value > most) {
    violations_.push_back({std::string(field), absl::StrCat("must be 0 to ", most)});
    return standard;
  }
  return value == 0 ? standard : value;
}

void Input::Require(bool holds, std::string_view field, std::string_view description) {
  if (!holds) violations_.push_back({std::string(field), std::string(description)});
}

absl::Status Input::status() const {
  return violations_.empty() ? absl::OkStatus() : core::InvalidFields(violations_);
}

}  // namespace haven::channels
