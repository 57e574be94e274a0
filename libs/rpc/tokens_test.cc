#include "libs/rpc/tokens.h"

#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/paseto.h"
#include "libs/rpc/lru_cache.h"

namespace haven::rpc {
namespace {

struct Fixture {
  Fixture() {
    std::vector<TrustedKey> keys;
    keys.push_back({people_key.public_key(), KeyUse::kPeople});
    keys.push_back({service_key.public_key(), KeyUse::kServices});
    verifier = NewTokenVerifier(std::move(keys), "lb", clock, 2);
  }
  Identity Staff() {
    Identity identity;
    identity.kind = IdentityKind::kStaff;
    identity.subject = "u-1";
    identity.roles.push_back(options::v1::ROLE_AGENT);
    identity.roles.push_back(options::v1::ROLE_SUPERVISOR);
    identity.teams.push_back("north");
    identity.session_id = "s-1";
    identity.expires = clock.Now() + absl::Minutes(5);
    return identity;
  }
  bool Refused(const std::string& token) {
    return core::ReasonOf(verifier->Verify(token).status()) == errors::v1::REASON_UNAUTHENTICATED;
  }
  std::string Sign(const crypto::SigningKey& key, const std::string& claims) {
    return crypto::SignV4Public(key, claims, key.public_key().id());
  }

  core::ManualClock clock{absl::FromUnixSeconds(1'800'000'000)};
  crypto::SigningKey people_key = crypto::SigningKey::Generate(core::SystemRandom());
  crypto::SigningKey service_key = crypto::SigningKey::Generate(core::SystemRandom());
  std::unique_ptr<TokenIssuer> people = NewTokenIssuer(people_key, KeyUse::kPeople, "lb", clock);
  std::unique_ptr<TokenIssuer> services = NewTokenIssuer(service_key, KeyUse::kServices, "lb", clock);
  std::unique_ptr<TokenVerifier> verifier;
};

TEST_CASE_METHOD(Fixture, "Tokens_IdentitySurvives") {
  const auto identity = verifier->Verify(*people->Issue(Staff()));
  REQUIRE(identity.ok());
  CHECK(**identity == Staff());
  CHECK((*identity)->HasRole(options::v1::ROLE_SUPERVISOR));
  CHECK_FALSE((*identity)->HasRole(options::v1::ROLE_AUDITOR));
}

TEST_CASE_METHOD(Fixture, "Tokens_KeysKeepToTheirKinds") {
  auto service = Staff();
  service.kind = IdentityKind::kService;
  CHECK_FALSE(people->Issue(service).ok());
  CHECK_FALSE(services->Issue(Staff()).ok());
  auto anybody = Staff();
  anybody.kind = IdentityKind::kAnybody;
  CHECK_FALSE(people->Issue(anybody).ok());
  // Also when somebody who holds the key of people writes the claims by hand.
  const std::string claims = R"({"aud":"lb","sub":"routing","kind":"service","exp":"2030-01-01T00:00:00+00:00"})";
  CHECK(Refused(Sign(people_key, claims)));
  CHECK(verifier->Verify(Sign(service_key, claims)).ok());
}

TEST_CASE_METHOD(Fixture, "Tokens_ClaimsMustBeWhole") {
  const std::string exp = R"("exp":"2030-01-01T00:00:00+00:00")";
  CHECK(verifier->Verify(Sign(people_key, R"({"aud":"lb","sub":"u","kind":"staff",)" + exp + "}")).ok());
  for (const std::string& claims : {
           R"({"aud":"sy","sub":"u","kind":"staff",)" + exp + "}",
           R"({"sub":"u","kind":"staff",)" + exp + "}",
           R"({"aud":"lb","kind":"staff",)" + exp + "}",
           R"({"aud":"lb","sub":"u","kind":"king",)" + exp + "}",
           R"({"aud":"lb","sub":"u",)" + exp + "}",
           std::string(R"({"aud":"lb","sub":"u","kind":"staff"})"),
           std::string(R"({"aud":"lb","sub":"u","kind":"staff","exp":"soon"})"),
           std::string(R"({"aud":"lb","sub":"u","kind":"staff","exp":1893456000})"),
           R"({"aud":"lb","sub":"u","kind":"staff","roles":"admin",)" + exp + "}",
           R"({"aud":"lb","sub":"u","kind":"staff","scopes":[1],)" + exp + "}",
           std::string("[]"),
           std::string("not json"),
       }) {
    INFO(claims);
    CHECK(Refused(Sign(people_key, claims)));
  }
}

TEST_CASE_METHOD(Fixture, "Tokens_Expire_AlsoWhenRemembered") {
  const auto token = *people->Issue(Staff());
  CHECK(verifier->Verify(token).ok());
  clock.Advance(absl::Minutes(5));
  CHECK(Refused(token));
}

TEST_CASE_METHOD(Fixture, "Tokens_WithoutEnd_AreNotIssued") {
  auto endless = Staff();
  endless.expires = absl::InfiniteFuture();
  CHECK_FALSE(people->Issue(endless).ok());
}

TEST_CASE_METHOD(Fixture, "ServiceTokens_AreRenewedAfterHalfTheirLife") {
  const auto source = NewServiceTokenSource(*services, "routing", clock);
  const auto first = *source->Token();
  CHECK((*verifier->Verify(first))->subject == "routing");
  clock.Advance(absl::Seconds(140));
  CHECK(*source->Token() == first);
  clock.Advance(absl::Seconds(20));
  const auto second = *source->Token();
  CHECK(second != first);
  CHECK(verifier->Verify(second).ok());
  // A clock set back by an hour must not leave a token from the future in use.
  clock.Advance(-absl::Hours(1));
  CHECK(*source->Token() != second);
}

TEST_CASE("LruCache_ForgetsTheLeastRecentlyUsed") {
  LruCache<int> cache(2);
  cache.Put("a", 1);
  cache.Put("b", 2);
  CHECK(cache.Find("a") != nullptr);
  cache.Put("c", 3);
  CHECK(cache.Find("b") == nullptr);
  CHECK(*cache.Find("a") == 1);
  cache.Put("a", 5);
  CHECK(*cache.Find("a") == 5);
  CHECK(cache.size() == 2);
  cache.Erase("a");
  CHECK(cache.size() == 1);
}

}  // namespace
}  // namespace haven::rpc
