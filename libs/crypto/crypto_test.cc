#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/ed25519.h"
#include "libs/crypto/hash.h"
#include "libs/crypto/password.h"
#include "libs/crypto/secret_file.h"

namespace haven::crypto {
namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/haven-crypto-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string File(const char* name) const { return path + "/" + name; }
  std::string path;
};

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

// RFC 4231, test cases 2 and 6.
TEST_CASE("HmacSha256_Rfc4231") {
  CHECK(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(ToHex(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("Sha256_Fips180") {
  CHECK(ToHex(Sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("ConstantTimeEqual_ComparesWhole") {
  CHECK(ConstantTimeEqual("abc", "abc"));
  CHECK(ConstantTimeEqual("", ""));
  CHECK_FALSE(ConstantTimeEqual("abc", "abd"));
  CHECK_FALSE(ConstantTimeEqual("abc", "abcd"));
}

TEST_CASE("KeyedHash_DependsOnKeyAndValue") {
  const std::string key(32, 'k');
  CHECK(KeyedHash(key, "+96170123456").size() == 32);
  CHECK(KeyedHash(key, "+96170123456") == KeyedHash(key, "+96170123456"));
  CHECK(KeyedHash(key, "+96170123456") != KeyedHash(key, "+96170123457"));
  CHECK(KeyedHash(key, "x") != KeyedHash(std::string(32, 'l'), "x"));
  // A key outside libsodium's bounds must not degrade into a constant.
  CHECK(KeyedHash("short", "a") != KeyedHash("short", "b"));
  CHECK(KeyedHash("short", "a") != KeyedHash("other", "a"));
  CHECK(KeyedHash(std::string(100, 'k'), "a") != KeyedHash(std::string(101, 'k'), "a"));
}

// RFC 8032 section 7.1, test 2.
TEST_CASE("Ed25519_Rfc8032") {
  const auto key =
      SigningKey::FromSeed(absl::HexStringToBytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  REQUIRE(key.ok());
  CHECK(ToHex(key->public_key().bytes()) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = key->Sign("\x72");
  CHECK(ToHex(signature) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK(key->public_key().Verify("\x72", signature));
  CHECK_FALSE(key->public_key().Verify("\x73", signature));
  CHECK_FALSE(key->public_key().Verify("\x72", signature.substr(1)));
}

TEST_CASE_METHOD(Folder, "SigningKey_LoadOrCreate_KeepsTheFirst_PrivateToTheOwner") {
  const auto first = SigningKey::LoadOrCreate(File("k"), core::SystemRandom());
  const auto second = SigningKey::LoadOrCreate(File("k"), core::SystemRandom());
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->public_key().id() == second->public_key().id());
  CHECK(ModeOf(File("k")) == 0600);
  CHECK(second->public_key().Verify("m", first->Sign("m")));
}

TEST_CASE_METHOD(Folder, "SigningKey_ReadableByOthers_IsRefused") {
  REQUIRE(SigningKey::LoadOrCreate(File("k"), core::SystemRandom()).ok());
  ::chmod(File("k").c_str(), 0640);
  const auto loaded = SigningKey::LoadOrCreate(File("k"), core::SystemRandom());
  CHECK(core::ReasonOf(loaded.status()) == errors::v1::REASON_WRONG_STATE);
}

TEST_CASE_METHOD(Folder, "SigningKey_DamagedFile_IsRefused_NotReplaced") {
  REQUIRE(WriteSecretFile(File("k"), "haven-ed25519-secret AAAA\n").ok());
  CHECK_FALSE(SigningKey::LoadOrCreate(File("k"), core::SystemRandom()).ok());
  CHECK(*ReadSecretFile(File("k")) == "haven-ed25519-secret AAAA\n");
}

TEST_CASE_METHOD(Folder, "PublicKey_LoadsFromEitherFile") {
  const auto key = *SigningKey::LoadOrCreate(File("k"), core::SystemRandom());
  REQUIRE(key.SavePublicTo(File("k.pub")).ok());
  CHECK(PublicKey::Load(File("k.pub"))->id() == key.public_key().id());
  CHECK(PublicKey::Load(File("k"))->id() == key.public_key().id());
  CHECK_FALSE(PublicKey::Load(File("none")).ok());
  std::ofstream(File("x")) << "ssh-ed25519 AAAA";
  CHECK_FALSE(PublicKey::Load(File("x")).ok());
}

TEST_CASE_METHOD(Folder, "SecretFile_NeverReplaces_LeavesNoPart") {
  REQUIRE(WriteSecretFile(File("s"), "one").ok());
  CHECK(absl::IsAlreadyExists(WriteSecretFile(File("s"), "two")));
  CHECK(*ReadSecretFile(File("s")) == "one");
  CHECK(std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()) == 1);
  const auto secret = LoadOrCreateSecret(File("r"), core::SystemRandom());
  REQUIRE(secret.ok());
  CHECK(secret->size() == 32);
  CHECK(*LoadOrCreateSecret(File("r"), core::SystemRandom()) == *secret);
}

PasswordCost Cheap() {
  return {.memory_kib = 64, .passes = 1, .lanes = 1, .unsafe_for_tests = true};
}

TEST_CASE("Password_HashAndVerify") {
  const auto encoded = HashPassword("correct horse", Cheap(), core::SystemRandom());
  REQUIRE(encoded.ok());
  CHECK(encoded->rfind("$argon2id$v=19$m=64,t=1,p=1$", 0) == 0);
  CHECK(VerifyPassword("correct horse", *encoded));
  CHECK_FALSE(VerifyPassword("correct horsf", *encoded));
  CHECK_FALSE(VerifyPassword("", *encoded));
  CHECK(*HashPassword("correct horse", Cheap(), core::SystemRandom()) != *encoded);
}

TEST_CASE("Password_DefaultCost_IsOwaspsMinimum_AndVerifies") {
  const PasswordCost cost;
  const auto encoded = HashPassword("p", cost, core::SystemRandom());
  REQUIRE(encoded.ok());
  CHECK(encoded->rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0) == 0);
  CHECK(VerifyPassword("p", *encoded));
  CHECK_FALSE(NeedsRehash(*encoded, cost));
}

TEST_CASE("Password_CostBelowMinimum_IsRefused") {
  CHECK_FALSE(HashPassword("p", {.memory_kib = 19 * 1024, .passes = 1}, core::SystemRandom()).ok());
  CHECK_FALSE(HashPassword("p", {.memory_kib = 64, .passes = 4}, core::SystemRandom()).ok());
}

TEST_CASE("Password_StrangeHashes_NeverVerify_NeverExhaust") {
  CHECK_FALSE(VerifyPassword("p", ""));
  CHECK_FALSE(VerifyPassword("p", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaA"));
  CHECK_FALSE(VerifyPassword("p", "$argon2id$v=19$m=64,t=100000,p=1$c2FsdHNhbHQ$aGFzaA"));
  CHECK_FALSE(VerifyPassword("p", "$2b$12$abcdefghijklmnopqrstuv"));
  CHECK_FALSE(VerifyPassword(std::string(2000, 'p'), "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA"));
  CHECK(NeedsRehash("", {}));
  CHECK(NeedsRehash(*HashPassword("p", Cheap(), core::SystemRandom()), {}));
}

}  // namespace
}  // namespace haven::crypto
