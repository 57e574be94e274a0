#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/directory/domain/secret_reference.h"

namespace haven::directory {

// The secret that is referred to: the first line of the file in `folder` (which others must not be able to read), or
// the variable's value. The error says what to do and never what was read.
absl::StatusOr<std::string> ReadSecret(const SecretReference& reference, const std::string& folder);

}  // namespace haven::directory
