#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/core/ids.h"

namespace haven::crypto {

// An Ed25519 public key (RFC 8032).
class PublicKey {
 public:
  static absl::StatusOr<PublicKey> FromBytes(std::string_view bytes);
  // Reads a file written by SigningKey::SaveTo or SavePublicTo.
  static absl::StatusOr<PublicKey> Load(const std::string& path);

  bool Verify(std::string_view message, std::string_view signature) const;
  const std::string& bytes() const { return bytes_; }
  // The first 16 hex digits of SHA-256 of the key: names the key in a token's footer.
  const std::string& id() const { return id_; }

 private:
  std::string bytes_;
  std::string id_;
};

// An Ed25519 key pair. The secret is wiped when the last copy goes; it is never printed.
class SigningKey {
 public:
  static SigningKey Generate(core::Random& random);
  // `seed` is 32 bytes.
  static absl::StatusOr<SigningKey> FromSeed(std::string_view seed);
  // Reads the key file, which must not be readable by others.
  static absl::StatusOr<SigningKey> Load(const std::string& path);
  // Reads it, or makes it (mode 0600, complete or absent) when there is none.
  static absl::StatusOr<SigningKey> LoadOrCreate(const std::string& path, core::Random& random);

  // 64 bytes.
  std::string Sign(std::string_view message) const;
  const PublicKey& public_key() const { return public_key_; }
  absl::Status SaveTo(const std::string& path) const;
  absl::Status SavePublicTo(const std::string& path) const;

  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

 private:
  SigningKey() = default;
  std::array<unsigned char, 64> secret_{};
  PublicKey public_key_;
};

}  // namespace haven::crypto
