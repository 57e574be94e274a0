#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/crypto/ed25519.h"

namespace haven::crypto {

// PASETO version 4 public tokens:
// https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version4.md "v4.public."
// base64url(message || signature) ["." base64url(footer)].
std::string SignV4Public(const SigningKey& key, std::string_view message, std::string_view footer,
                         std::string_view implicit_assertion = {});

struct VerifiedToken {
  std::string message;
  std::string footer;
};

// Chooses the key by the (not yet believed) footer; nullptr for an unknown one.
using KeyByFooter = std::function<const PublicKey*(std::string_view footer)>;

// UNAUTHENTICATED (REASON_UNAUTHENTICATED) without saying what was wrong. Claims such as expiry are the caller's to
// check.
absl::StatusOr<VerifiedToken> VerifyV4Public(std::string_view token, const KeyByFooter& key,
                                             std::string_view implicit_assertion = {});

// Pre-authentication encoding of the specification; exposed for its test vectors.
std::string PreAuthEncode(std::initializer_list<std::string_view> pieces);

}  // namespace haven::crypto
