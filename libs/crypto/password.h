#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/core/ids.h"

namespace haven::crypto {

// Argon2id (RFC 9106). The defaults are OWASP's first choice for little memory: 19 MiB, 2 passes, 1 lane
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html). Less is refused except by kTest.
struct PasswordCost {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  // For unit tests of what stands around passwords: the least Argon2 accepts.
  bool unsafe_for_tests = false;
};

// "$argon2id$v=19$m=...$salt$hash". Blocks for tens of milliseconds: run it on a BlockingPool.
absl::StatusOr<std::string> HashPassword(std::string_view password, const PasswordCost& cost, core::Random& random);
// False for a wrong password and for anything that is not such a hash. Blocks as HashPassword does.
bool VerifyPassword(std::string_view password, const std::string& encoded);
// True if `encoded` was made with less than `cost`: hash again at the next sign-in.
bool NeedsRehash(const std::string& encoded, const PasswordCost& cost);

}  // namespace haven::crypto
