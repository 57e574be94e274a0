#include "libs/crypto/password.h"

#include <argon2.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::crypto {
namespace {

constexpr std::size_t kSalt = 16;
constexpr std::size_t kHash = 32;
// A longer password is refused by the caller's limits; this bounds the work.
constexpr std::size_t kMaxPassword = 1024;

// OWASP's list of equal strength: the less memory, the more passes.
bool StrongEnough(const PasswordCost& cost) {
  struct Least {
    std::uint32_t memory_kib;
    std::uint32_t passes;
  };
  for (const Least least :
       {Least{46 * 1024, 1}, Least{19 * 1024, 2}, Least{12 * 1024, 3}, Least{9 * 1024, 4}, Least{7 * 1024, 5}}) {
    if (cost.memory_kib >= least.memory_kib && cost.passes >= least.passes) return true;
  }
  return false;
}

bool ReadCost(const std::string& encoded, PasswordCost* cost) {
  unsigned memory = 0;
  unsigned passes = 0;
  unsigned lanes = 0;
  if (std::sscanf(encoded.c_str(), "$argon2id$v=19$m=%u,t=%u,p=%u$", &memory, &passes, &lanes) != 3) return false;
  cost->memory_kib = memory;
  cost->passes = passes;
  cost->lanes = lanes;
  return true;
}

}  // namespace

absl::StatusOr<std::string> HashPassword(std::string_view password, const PasswordCost& cost, core::Random& random) {
  if (!cost.unsafe_for_tests && !StrongEnough(cost)) {
    return core::InvalidField("password_cost",
                              "below OWASP's minimum for Argon2id (19 MiB with 2 passes, or its equals)");
  }
  if (password.size() > kMaxPassword) return core::InvalidField("password", "longer than 1024 bytes");
  unsigned char salt[kSalt];
  random.Fill(salt, sizeof salt);
  std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSalt, kHash, Argon2_id), '\0');
  const int result = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(), password.size(),
                                           salt, sizeof salt, kHash, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG,
                           absl::StrCat("argon2: ", argon2_error_message(result)));
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool VerifyPassword(std::string_view password, const std::string& encoded) {
  PasswordCost cost;
  // A stored hash that asks for absurd memory would be a way to stop the hub.
  if (password.size() > kMaxPassword || !ReadCost(encoded, &cost) || cost.memory_kib > 1024 * 1024 ||
      cost.passes > 64) {
    return false;
  }
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool NeedsRehash(const std::string& encoded, const PasswordCost& cost) {
  PasswordCost stored;
  if (!ReadCost(encoded, &stored)) return true;
  return stored.memory_kib < cost.memory_kib || stored.passes < cost.passes || stored.lanes < cost.lanes;
}

}  // namespace haven::crypto
