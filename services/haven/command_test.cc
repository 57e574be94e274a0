#include "services/haven/command.h"

#include <catch2/catch.hpp>

#include "libs/rpc/access.h"
#include "libs/testing/golden.h"
#include "services/haven/access.h"
#include "services/haven/modules.h"

namespace haven {
namespace {

TEST_CASE("Access_TheTableIsAsAgreed") {
  const auto document = AccessDocument();
  CHECK(document.find("MISSING") == std::string::npos);
  CHECK(testing::CompareGolden("docs/access.md", document) == "");
}

TEST_CASE("Config_TheSampleIsAsPrinted_AndLoads") {
  LoadedConfig loaded;
  REQUIRE(LoadConfig({}, &loaded).ok());
  const auto sample = loaded.config.Sample();
  CHECK(testing::CompareGolden("deploy/haven.sample.yaml", sample) == "");
  LoadedConfig again;
  again.settings.Bind(again.config);
  const auto modules = AllModules();
  for (const auto& module : modules) {
    module->Configure(again.config.Section(std::string(module->name()), std::string(module->summary())));
  }
  core::ConfigSources sources;
  sources.file_name = "haven.sample.yaml";
  sources.file_text = sample;
  CHECK(again.config.Load(sources).message() == "");
}

TEST_CASE("TakeFlag_EitherForm_OnlyItsOwn") {
  std::vector<std::string> args{"--only=a,b", "--config", "x.yaml", "rest", "--onlyish=1"};
  CHECK(TakeFlag(&args, "only") == "a,b");
  CHECK(TakeFlag(&args, "config") == "x.yaml");
  CHECK(TakeFlag(&args, "none") == "");
  CHECK_FALSE(TakeSwitch(&args, "only"));
  CHECK(args == std::vector<std::string>{"rest", "--onlyish=1"});
}

}  // namespace
}  // namespace haven
