#include "services/channels/domain/token.h"

#include <catch2/catch.hpp>

namespace haven::channels {
namespace {

const std::string kKey(32, 'k');
const std::string kNonce(32, 'n');

TEST_CASE("A token is the same for the same three, and another for any other") {
  const std::string token = DeriveVisitorToken(kKey, kNonce, "r1");
  CHECK(LooksLikeVisitorToken(token));
  CHECK(token == DeriveVisitorToken(kKey, kNonce, "r1"));
  CHECK(token != DeriveVisitorToken(kKey, kNonce, "r2"));
  CHECK(token != DeriveVisitorToken(kKey, std::string(32, 'm'), "r1"));
  CHECK(token != DeriveVisitorToken(std::string(32, 'l'), kNonce, "r1"));
  CHECK(HashVisitorToken(token).size() == 32);
}

TEST_CASE("Other credentials do not look like a token") {
  CHECK_FALSE(LooksLikeVisitorToken(""));
  CHECK_FALSE(LooksLikeVisitorToken("hvv_short"));
  CHECK_FALSE(LooksLikeVisitorToken("hvs_" + std::string(43, 'a')));
  CHECK_FALSE(LooksLikeVisitorToken("hvv_" + std::string(42, 'a') + "="));
  CHECK(LooksLikeVisitorToken("hvv_" + std::string(43, 'a')));
}

}  // namespace
}  // namespace haven::channels
