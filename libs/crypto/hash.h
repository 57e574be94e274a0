#pragma once

#include <string>
#include <string_view>

namespace haven::crypto {

// HMAC (RFC 2104) with SHA-256: 32 raw bytes.
std::string HmacSha256(std::string_view key, std::string_view message);
// 32 raw bytes.
std::string Sha256(std::string_view message);

// In time that does not depend on where they differ. Different lengths are unequal at once: lengths are not secret.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

// BLAKE2b-256 keyed (RFC 7693): turns a provider's message id or a phone number into something that can be compared and
// indexed, and not read back without the key. `key` is 16 to 64 bytes; 32 raw bytes come out. The key of the unique
// index never rotates.
std::string KeyedHash(std::string_view key, std::string_view value);

std::string ToHex(std::string_view raw);

}  // namespace haven::crypto
