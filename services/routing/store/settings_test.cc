#include "services/routing/store/settings.h"

#include <catch2/catch.hpp>

namespace haven::routing {
namespace {

internal::directory::v1::GetConfigurationResponse OneQueue() {
  internal::directory::v1::GetConfigurationResponse configuration;
  configuration.set_version(1);
  auto* spec = configuration.mutable_spec();
  spec->add_queues()->set_key("help");
  spec->set_default_queue("help");
  spec->add_dispositions()->set_key("solved");
  return configuration;
}

// A hub that starts while PostgreSQL is away serves before it knows its queues and outcomes.
TEST_CASE("Known_BeforeTheFirstConfiguration_IsUnavailable") {
  Settings settings;
  CHECK(settings.Known().code() == absl::StatusCode::kUnavailable);
  CHECK(settings.Place("help", {}, "en", "webchat", absl::ZeroDuration()).status().code() ==
        absl::StatusCode::kUnavailable);
  // What a directory without an applied hub tells is no configuration.
  REQUIRE(settings.Apply({}).ok());
  CHECK(settings.Known().code() == absl::StatusCode::kUnavailable);
  REQUIRE(settings.Apply(OneQueue()).ok());
  CHECK(settings.Known().ok());
  CHECK(settings.HasDisposition("solved"));
  CHECK(settings.Place("help", {}, "en", "webchat", absl::ZeroDuration()).ok());
}

}  // namespace
}  // namespace haven::routing
