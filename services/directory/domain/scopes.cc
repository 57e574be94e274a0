#include "services/directory/domain/scopes.h"

namespace haven::directory {

const std::vector<std::string_view>& KnownScopes() {
  static const auto* const scopes =
      new std::vector<std::string_view>{"conversations.read", "conversations.write", "directory.read",
                                        "directory.write",    "routing.agent",       "routing.read"};
  return *scopes;
}

}  // namespace haven::directory
