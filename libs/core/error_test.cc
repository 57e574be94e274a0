#include "libs/core/error.h"

#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"

namespace haven::core {
namespace {

TEST_CASE("Error_SurvivesTheWire") {
  const auto status = LimitError(errors::v1::REASON_RATE_LIMITED, "slow down", std::chrono::milliseconds(1500));
  const auto back = FromWire(status.code(), std::string(status.message()), SerializeDetails(status));
  CHECK(back.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(back) == errors::v1::REASON_RATE_LIMITED);
  CHECK(RetryAfterOf(back) == std::chrono::milliseconds(1500));
}

TEST_CASE("InvalidFields_NamesEveryViolation") {
  const auto status = InvalidFields({{"text", "must not be empty"}, {"epoch", "must be positive"}});
  const auto back = FromWire(status.code(), std::string(status.message()), SerializeDetails(status));
  REQUIRE(ViolationsOf(back).size() == 2);
  CHECK(ViolationsOf(back)[1].field == "epoch");
  CHECK(ReasonOf(back) == errors::v1::REASON_INVALID_FIELD);
}

TEST_CASE("FromWire_MalformedDetails_KeepsCodeAndMessage") {
  const auto back = FromWire(absl::StatusCode::kAborted, "gap", "\xff\xff\xff");
  CHECK(back.code() == absl::StatusCode::kAborted);
  CHECK(back.message() == "gap");
  CHECK_FALSE(ReasonOf(back).has_value());
}

}  // namespace
}  // namespace haven::core
