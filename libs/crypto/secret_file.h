#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/core/ids.h"

namespace haven::crypto {

// Reads a secret; FAILED_PRECONDITION if group or others may read the file, NOT_FOUND if there is none.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);
// Writes it whole or not at all (temporary file, fsync, rename), mode 0600. Refuses to replace an existing file.
absl::Status WriteSecretFile(const std::string& path, std::string_view content);
// The 32 random bytes kept in `path` (base64url), made when absent.
absl::StatusOr<std::string> LoadOrCreateSecret(const std::string& path, core::Random& random);

}  // namespace haven::crypto
