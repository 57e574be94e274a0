#include "libs/crypto/ed25519.h"

#include <sodium.h>

#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"
#include "libs/crypto/secret_file.h"

namespace haven::crypto {
namespace {

// Key files hold one line: the kind, a space, base64url of the seed or of the public key.
constexpr std::string_view kSecretKind = "haven-ed25519-secret ";
constexpr std::string_view kPublicKind = "haven-ed25519-public ";

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status NotAKey(std::string_view where) {
  return core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD,
                         absl::StrCat(std::string(where), ": not an Ed25519 key"));
}

absl::StatusOr<std::string> Decode(const std::string& path, std::string_view kind, const std::string& content) {
  std::string raw;
  const std::string line(absl::StripAsciiWhitespace(content));
  if (line.compare(0, kind.size(), kind) != 0 || !absl::WebSafeBase64Unescape(line.substr(kind.size()), &raw)) {
    return NotAKey(path);
  }
  return raw;
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != crypto_sign_PUBLICKEYBYTES) return NotAKey("public key");
  PublicKey key;
  key.bytes_ = std::string(bytes);
  key.id_ = ToHex(Sha256(bytes)).substr(0, 16);
  return key;
}

absl::StatusOr<PublicKey> PublicKey::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND,
                           absl::StrCat(path, ": cannot be read"));
  }
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (content.compare(0, kSecretKind.size(), kSecretKind) == 0) {
    auto secret = SigningKey::Load(path);
    if (!secret.ok()) return secret.status();
    return secret->public_key();
  }
  const auto raw = Decode(path, kPublicKind, content);
  if (!raw.ok()) return raw.status();
  return FromBytes(*raw);
}

bool PublicKey::Verify(std::string_view message, std::string_view signature) const {
  return signature.size() == crypto_sign_BYTES && bytes_.size() == crypto_sign_PUBLICKEYBYTES &&
         crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(), Bytes(bytes_)) == 0;
}

SigningKey::~SigningKey() {
  sodium_memzero(secret_.data(), secret_.size());
}

SigningKey SigningKey::Generate(core::Random& random) {
  std::string seed(crypto_sign_SEEDBYTES, '\0');
  random.Fill(reinterpret_cast<unsigned char*>(seed.data()), seed.size());
  auto key = FromSeed(seed);
  sodium_memzero(seed.data(), seed.size());
  return *std::move(key);
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(std::string_view seed) {
  if (seed.size() != crypto_sign_SEEDBYTES) return NotAKey("seed");
  SigningKey key;
  std::string public_bytes(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_bytes.data()), key.secret_.data(), Bytes(seed));
  key.public_key_ = *PublicKey::FromBytes(public_bytes);
  return key;
}

absl::StatusOr<SigningKey> SigningKey::Load(const std::string& path) {
  const auto content = ReadSecretFile(path);
  if (!content.ok()) return content.status();
  const auto raw = Decode(path, kSecretKind, *content);
  if (!raw.ok()) return raw.status();
  return FromSeed(*raw);
}

absl::StatusOr<SigningKey> SigningKey::LoadOrCreate(const std::string& path, core::Random& random) {
  auto found = Load(path);
  if (!absl::IsNotFound(found.status())) return found;
  const auto saved = Generate(random).SaveTo(path);
  if (!saved.ok() && !absl::IsAlreadyExists(saved)) return saved;
  return Load(path);
}

std::string SigningKey::Sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Bytes(message), message.size(),
                       secret_.data());
  return signature;
}

absl::Status SigningKey::SaveTo(const std::string& path) const {
  // libsodium's secret key begins with the seed.
  const std::string seed(reinterpret_cast<const char*>(secret_.data()), crypto_sign_SEEDBYTES);
  return WriteSecretFile(path, absl::StrCat(std::string(kSecretKind), absl::WebSafeBase64Escape(seed), "\n"));
}

absl::Status SigningKey::SavePublicTo(const std::string& path) const {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << kPublicKind << absl::WebSafeBase64Escape(public_key_.bytes()) << "\n";
  file.close();
  if (file) return absl::OkStatus();
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                         absl::StrCat(path, ": cannot be written"));
}

}  // namespace haven::crypto
