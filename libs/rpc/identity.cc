#include "libs/rpc/identity.h"

#include <algorithm>

namespace haven::rpc {

bool Identity::HasRole(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool Identity::HasScope(const std::string& scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

}  // namespace haven::rpc
