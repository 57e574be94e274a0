#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/core/error.h"

namespace haven::channels {

// Collects the mistakes of a request, to be told all at once.
class Input {
 public:
  // A UUID in canonical form, in lower case; "" after a mistake.
  std::string Uuid(std::string_view field, const std::string& value);
  // Text that a person typed, cleaned (libs/text): `min` to `max` characters.
  std::string Text(std::string_view field, const std::string& value, std::size_t min, std::size_t max);
  // A page size: 0 is `standard`, otherwise 1 to `most`.
  int PageSize(std::string_view field, int value, int standard, int most);
  void Require(bool holds, std::string_view field, std::string_view description);

  absl::Status status() const;

 private:
  std::vector<core::FieldViolation> violations_;
};

inline constexpr std::size_t kMostPersonCharacters = 4'000;
inline constexpr std::size_t kMostAgentCharacters = 10'000;

}  // namespace haven::channels
