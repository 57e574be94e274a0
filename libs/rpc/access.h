#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/rpc/identity.h"

namespace haven::options::v1 {
class Access;
}

namespace haven::rpc {

using options::v1::Access;

// The access option of a method; null where it is missing or names no audience.
const Access* AccessOf(const google::protobuf::MethodDescriptor& method);

// OK if `identity` holds one of the method's audiences with the role or scope it asks for. UNAUTHENTICATED where nobody
// has signed in, PERMISSION_DENIED otherwise; neither says more about the method than its table in docs/access.md.
absl::Status CheckAccess(const Access& access, const Identity& identity);

bool Admits(const Access& access, Audience audience);

// The authorisation table as markdown: every method of these services ("haven.system.v1.SystemService"), whose files
// must be linked into the program, sorted. Methods without an option show "MISSING".
std::string AccessTable(std::vector<std::string> services);

}  // namespace haven::rpc
