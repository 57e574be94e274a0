#include <catch2/catch.hpp>

#include "services/desk/edge/rate_limit.h"
#include "services/desk/edge/sessions.h"
#include "services/desk/edge/source.h"

namespace haven::desk::edge {
namespace {

TEST_CASE("SourceOf_OnlyTrustedProxiesSpeakForOthers") {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8", "::1/128", "127.0.0.1"});
  REQUIRE(proxies.ok());
  CHECK(proxies->SourceOf("203.0.113.7", "1.2.3.4") == "203.0.113.7");
  CHECK(proxies->SourceOf("10.1.2.3", "198.51.100.9") == "198.51.100.9");
  // The first entry is the client's own claim; the last that is no proxy of ours counts.
  CHECK(proxies->SourceOf("10.1.2.3", "6.6.6.6, 198.51.100.9, 10.9.9.9") == "198.51.100.9");
  CHECK(proxies->SourceOf("127.0.0.1", "garbage") == "127.0.0.1");
  CHECK(proxies->SourceOf("::1", "2001:db8::5") == "2001:db8::5");
}

TEST_CASE("TrustedProxies_BadNetwork_NamesIt") {
  for (const auto* bad : {"10.0.0.0/33", "x", "10.0.0.0/", "::1/129", ""})
    CHECK_FALSE(TrustedProxies::Parse({bad}).ok());
}

TEST_CASE("SourceKey_CountsAnIPv6NetworkAsOne") {
  CHECK(SourceKey("2001:db8:1:2::5") == SourceKey("2001:db8:1:2:ffff::1"));
  CHECK(SourceKey("2001:db8:1:2::5") != SourceKey("2001:db8:1:3::5"));
  CHECK(SourceKey("192.0.2.1") != SourceKey("192.0.2.2"));
}

TEST_CASE("RateLimit_OneSourceIsHeld_OthersAreNot_MemoryIsBounded") {
  RateLimit limit(10, 3, 100);
  const RateLimit::TimePoint start{};
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limit.Take("a", start).has_value());
  const auto wait = limit.Take("a", start);
  REQUIRE(wait.has_value());
  CHECK(wait->count() == 100);
  CHECK_FALSE(limit.Take("b", start).has_value());
  CHECK_FALSE(limit.Take("a", start + *wait).has_value());
  for (int i = 0; i < 10'000; ++i) limit.Take(std::to_string(i), start);
  CHECK(limit.size() == 100);
}

TEST_CASE("CookieValue_ExactNameOnly") {
  CHECK(CookieValue("a=1; __Host-haven=xyz; b=2", "__Host-haven") == "xyz");
  CHECK(CookieValue("__Host-haven2=no; x__Host-haven=no", "__Host-haven").empty());
  CHECK(CookieValue("", "__Host-haven").empty());
  CHECK(CookieValue("__Host-haven=", "__Host-haven").empty());
}

}  // namespace
}  // namespace haven::desk::edge
