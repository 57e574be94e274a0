#include "libs/crypto/paseto.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"

namespace haven::crypto {
namespace {

// https://github.com/paseto-standard/test-vectors, v4.json, 4-S-1 to 4-S-3.
constexpr const char* kSeedHex = "b4cbfb43df4ce210727d953e4a713307fa19bb7d9f85041438d9e11b942a3774";
constexpr const char* kPublicHex = "1eb9dbbbbc047c03fd70604e0071f0987e16b28b757225c11f00415d0e20b1a2";
constexpr std::string_view kPayload = R"({"data":"this is a signed message","exp":"2022-01-01T00:00:00+00:00"})";
constexpr std::string_view kFooter = R"({"kid":"zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN"})";
constexpr std::string_view kFirst =
    "v4.public."
    "eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9bg_"
    "XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA";
constexpr std::string_view kSecond =
    "v4.public."
    "eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9v3Jt8mx_"
    "TdM2ceTGoqwrh4yDFn0XsHvvV_D0DtwQxVrJEBMl0F2caAdgnpKlt4p7xBnx1HcO-SPo8FPp214HDw."
    "eyJraWQiOiJ6VmhNaVBCUDlmUmYyc25FY1Q3Z0ZUaW9lQTlDT2NOeTlEZmdMMVc2MGhhTiJ9";
constexpr std::string_view kThird =
    "v4.public."
    "eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9NPWciuD3d0o5eXJXG5pJy-"
    "DiVEoyPYWs1YSTwWHNJq6DZD3je5gf-0M4JR9ipdUSJbIovzmBECeaWmaqcaP0DQ."
    "eyJraWQiOiJ6VmhNaVBCUDlmUmYyc25FY1Q3Z0ZUaW9lQTlDT2NOeTlEZmdMMVc2MGhhTiJ9";
constexpr std::string_view kThirdImplicit = R"({"test-vector":"4-S-3"})";

struct Fixture {
  SigningKey key = *SigningKey::FromSeed(absl::HexStringToBytes(kSeedHex));
  KeyByFooter always = [this](std::string_view) { return &key.public_key(); };

  bool Refused(const std::string& token) {
    const auto result = VerifyV4Public(token, always);
    return core::ReasonOf(result.status()) == errors::v1::REASON_UNAUTHENTICATED;
  }
};

TEST_CASE_METHOD(Fixture, "Paseto_SpecificationVectors") {
  CHECK(ToHex(key.public_key().bytes()) == kPublicHex);
  CHECK(SignV4Public(key, kPayload, "") == kFirst);
  CHECK(SignV4Public(key, kPayload, kFooter) == kSecond);
  CHECK(SignV4Public(key, kPayload, kFooter, kThirdImplicit) == kThird);
  for (const auto token : {kFirst, kSecond}) {
    const auto verified = VerifyV4Public(token, always);
    REQUIRE(verified.ok());
    CHECK(verified->message == kPayload);
  }
  const auto third = VerifyV4Public(kThird, always, kThirdImplicit);
  REQUIRE(third.ok());
  CHECK(third->footer == kFooter);
}

// From the specification's "Common Implementation Details".
TEST_CASE("Paseto_PreAuthEncode") {
  CHECK(PreAuthEncode({}) == std::string(8, '\0'));
  CHECK(PreAuthEncode({""}) == std::string("\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
  CHECK(PreAuthEncode({"test"}) == std::string("\x01\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0test", 20));
}

TEST_CASE_METHOD(Fixture, "Paseto_EveryChangedCharacter_IsRefused") {
  const std::string good(kSecond);
  REQUIRE(VerifyV4Public(good, always).ok());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK(Refused(bad));
  }
}

TEST_CASE_METHOD(Fixture, "Paseto_OtherShapes_AreRefused") {
  const std::string first(kFirst);
  const std::string second(kSecond);
  CHECK(Refused(""));
  CHECK(Refused("v4.public."));
  CHECK(Refused("v4.public.AAAA"));
  CHECK(Refused("v4.local." + first.substr(10)));
  CHECK(Refused("v3.public." + first.substr(10)));
  CHECK(Refused(first + "."));
  CHECK(Refused(first + "=="));
  CHECK(Refused(first + " "));
  CHECK(Refused(second + ".x"));
  // The footer is signed: it can be neither dropped nor added.
  CHECK(Refused(second.substr(0, second.rfind('.'))));
  CHECK(Refused(first + second.substr(second.rfind('.'))));
  // The implicit assertion is signed too.
  CHECK(Refused(std::string(kThird)));
}

TEST_CASE_METHOD(Fixture, "Paseto_UnknownKey_IsRefused") {
  const KeyByFooter none = [](std::string_view) { return nullptr; };
  CHECK_FALSE(VerifyV4Public(kFirst, none).ok());
  const auto other = SigningKey::Generate(core::SystemRandom());
  const KeyByFooter wrong = [&](std::string_view) { return &other.public_key(); };
  CHECK_FALSE(VerifyV4Public(kFirst, wrong).ok());
}

}  // namespace
}  // namespace haven::crypto
