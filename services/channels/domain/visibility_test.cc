#include "services/channels/domain/visibility.h"

#include <catch2/catch.hpp>

namespace haven::channels {
namespace {

const std::vector<Participation> kTies = {{Participation::Kind::kAgent, "amal"},
                                          {Participation::Kind::kQueue, "legal"}};

TEST_CASE("An agent sees what they hold or have held") {
  CHECK(MaySee({UserId("amal"), false, false, {}}, kTies));
  CHECK_FALSE(MaySee({UserId("rami"), false, false, {}}, kTies));
  CHECK_FALSE(MaySee({UserId(), false, false, {}}, kTies));
  // A user whose id happens to be a queue's key gains nothing.
  CHECK_FALSE(MaySee({UserId("legal"), false, false, {"legal"}}, kTies));
}

TEST_CASE("A supervisor sees the queues of their teams") {
  CHECK(MaySee({UserId("s"), false, true, {"legal"}}, kTies));
  CHECK_FALSE(MaySee({UserId("s"), false, true, {"cash"}}, kTies));
}

TEST_CASE("A key with the scope sees the hub") {
  CHECK(MaySee({UserId(), true, false, {}}, {}));
}

TEST_CASE("Nobody else sees a conversation that is still with the flow") {
  CHECK_FALSE(MaySee({UserId("s"), false, true, {"legal"}}, {}));
}

}  // namespace
}  // namespace haven::channels
