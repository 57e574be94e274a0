#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace haven::options::v1 {
enum Role : int;
enum Audience : int;
}  // namespace haven::options::v1

namespace haven::rpc {

using options::v1::Audience;
using options::v1::Role;

enum class IdentityKind { kAnybody, kService, kIntegrator, kStaff, kVisitor };

// Who calls. Made by a TokenVerifier or a CredentialResolver, never by a handler.
struct Identity {
  IdentityKind kind = IdentityKind::kAnybody;
  // User id, API key id, visitor's conversation id, or the service's name; empty for anybody.
  std::string subject;
  std::vector<Role> roles;
  // What an API key may do, such as "conversations.write".
  std::vector<std::string> scopes;
  // Teams of the user; for a supervisor those whose work may be seen.
  std::vector<std::string> teams;
  // The sign-in session, by which people are revoked; empty for services.
  std::string session_id;
  // No longer believed from here on; infinite for anybody.
  absl::Time expires = absl::InfiniteFuture();

  bool HasRole(Role role) const;
  bool HasScope(const std::string& scope) const;
  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace haven::rpc
