#include "services/directory/cli/secrets.h"

#include <cstdlib>

#include "libs/crypto/secret_file.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {

absl::StatusOr<std::string> ReadSecret(const SecretReference& reference, const std::string& folder) {
  if (reference.kind == SecretReference::Kind::kEnvironment) {
    const char* value = std::getenv(reference.name.c_str());
    if (value == nullptr || *value == '\0') {
      return absl::NotFoundError(Cat("the environment has no variable ", reference.name));
    }
    return std::string(value);
  }
  const std::string path = Cat(folder, "/", reference.name);
  auto content = crypto::ReadSecretFile(path);
  if (absl::IsNotFound(content.status())) {
    return absl::NotFoundError(Cat("there is no file ", path, "; write the password into it (mode 0600)"));
  }
  if (!content.ok()) return content.status();
  std::string line = content->substr(0, content->find('\n'));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return absl::InvalidArgumentError(Cat("the first line of ", path, " is empty"));
  return line;
}

}  // namespace haven::directory
