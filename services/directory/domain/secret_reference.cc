#include "services/directory/domain/secret_reference.h"

#include <algorithm>

#include "services/directory/domain/strings.h"

namespace haven::directory {

std::optional<SecretReference> ParseSecretReference(std::string_view text) {
  SecretReference reference;
  if (Consume(&text, "file:")) {
    reference.kind = SecretReference::Kind::kFile;
  } else if (Consume(&text, "env:")) {
    reference.kind = SecretReference::Kind::kEnvironment;
  } else {
    return std::nullopt;
  }
  // A name without slash that does not begin with a dot stays inside its folder.
  const bool file = reference.kind == SecretReference::Kind::kFile;
  if (text.empty() || text.size() > 64 || text.front() == '.') return std::nullopt;
  const bool plain = std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return IsAlnum(c) || c == '_' || (file && (c == '-' || c == '.'));
  });
  if (!plain) return std::nullopt;
  reference.name = std::string(text);
  return reference;
}

}  // namespace haven::directory
