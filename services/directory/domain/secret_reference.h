#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haven::directory {

// Where a secret is; never the secret.
struct SecretReference {
  enum class Kind { kFile, kEnvironment };
  Kind kind = Kind::kFile;
  // A file's name in the secrets folder (no path), or a variable's.
  std::string name;
};

// "file:amal", "env:AMAL_PASSWORD".
std::optional<SecretReference> ParseSecretReference(std::string_view text);

inline constexpr std::string_view kSecretReferenceHelp =
    "a secret stands here by reference only: put it in a file of the hub's secrets folder and write \"file:NAME\", or "
    "\"env:NAME\"";

}  // namespace haven::directory
