#include "libs/core/config.h"

#include <catch2/catch.hpp>

namespace haven::core {
namespace {

struct RoutingSettings {
  std::chrono::seconds wrap_up{30};
  int most = 5;
  std::int64_t cache_bytes = 1 << 20;
  double share = 0.5;
  bool strict = false;
  std::string mode = "fair";
  std::string key;
  std::vector<std::string> teams{"a", "b"};
  std::chrono::milliseconds tick{1000};
};

struct Fixture {
  Fixture() {
    auto& s = config.Section("routing", "The routing engine.");
    s.Seconds("wrap_up_seconds", &routing.wrap_up, {0, 3600}, "After-contact time.");
    s.Int("most_offers", &routing.most, {1, 100}, "Offers at once.");
    s.Int("cache_bytes", &routing.cache_bytes, {0, 1e12}, "Memory of the cache.");
    s.Double("share", &routing.share, {0, 1}, "Share of time.");
    s.Bool("strict", &routing.strict, "Whether the band is strict.");
    s.Choice("mode", &routing.mode, {"fair", "fast"}, "How to choose.");
    s.Secret("signing_key", &routing.key, "Signs.");
    s.List("teams", &routing.teams, "Who takes part.");
    s.Milliseconds("tick_ms", &routing.tick, {1, 60'000}, "Pace of the clock.");
    config.Section("desk", "The edge.").Int("port", &port, {0, 65535}, "Where it listens.");
  }
  std::string Mistakes(const ConfigSources& sources) { return std::string(config.Load(sources).message()); }

  RoutingSettings routing;
  int port = 8080;
  Config config;
};

ConfigSources File(std::string text) {
  ConfigSources sources;
  sources.file_name = "haven.yaml";
  sources.file_text = std::move(text);
  return sources;
}

TEST_CASE_METHOD(Fixture, "Config_FileThenEnvironmentThenFlag") {
  auto sources = File("routing:\n  wrap_up_seconds: 10\n  most_offers: 7\n  share: 0.25\n  teams: [x, y, z]\n");
  sources.environment["HAVEN_ROUTING_WRAP_UP_SECONDS"] = "20";
  sources.environment["HAVEN_ROUTING_MOST_OFFERS"] = "8";
  sources.environment["HAVEN_ROUTING_STRICT"] = "true";
  sources.flags = {"--routing.most-offers=9", "--routing.teams=p, q", "--routing.tick-ms=250", "--desk.port=0"};
  REQUIRE(config.Load(sources).ok());
  CHECK(routing.wrap_up == std::chrono::seconds(20));
  CHECK(routing.most == 9);
  CHECK(routing.share == 0.25);
  CHECK(routing.strict);
  CHECK(routing.teams == std::vector<std::string>{"p", "q"});
  CHECK(routing.tick == std::chrono::milliseconds(250));
  CHECK(port == 0);
  CHECK(routing.cache_bytes == 1 << 20);
}

TEST_CASE_METHOD(Fixture, "Config_EveryMistakeAtOnce_AndNothingChanged") {
  auto sources = File(
      "routing:\n"
      "  wrapup_seconds: 10\n"
      "  most_offers: 700\n"
      "  strict: perhaps\n"
      "  mode: wild\n"
      "  teams: x\n"
      "  share: 0.1\n"
      "  share: 0.2\n"
      "dsk:\n"
      "  port: 1\n");
  sources.environment["HAVEN_DESK_PROT"] = "1";
  sources.flags = {"--desk.port=http", "--nothing.at=1", "--routing.tick_ms"};
  const auto text = Mistakes(sources);
  CHECK(text ==
        "configuration:\n"
        "  haven.yaml:2: routing.wrapup_seconds is unknown; did you mean wrap_up_seconds?\n"
        "  haven.yaml:3: routing.most_offers must be from 1 to 100\n"
        "  haven.yaml:4: routing.strict must be true or false\n"
        "  haven.yaml:5: routing.mode must be one of fair, fast\n"
        "  haven.yaml:6: routing.teams must be a list\n"
        "  haven.yaml:8: routing.share stands twice\n"
        "  haven.yaml:9: section dsk is unknown; did you mean desk?\n"
        "  HAVEN_DESK_PROT: no such setting; did you mean port?\n"
        "  --desk.port: value must be a whole number\n"
        "  --nothing.at: no such section\n"
        "  --routing.tick_ms: needs a value: =...");
  CHECK(routing.share == 0.5);
}

TEST_CASE_METHOD(Fixture, "Config_NotYaml_NamesTheLine") {
  CHECK(Mistakes(File("routing:\n  share: [1\ndesk: {\n")).find("haven.yaml:") != std::string::npos);
  CHECK(Mistakes(File("- a\n")).find("haven.yaml:1: must be a mapping of sections") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Config_EmptyFileAndForeignVariables_AreFine") {
  auto sources = File("# nothing\n");
  sources.environment["HAVEN_BENCH_DATA"] = "/data";
  CHECK(config.Load(sources).ok());
}

TEST_CASE_METHOD(Fixture, "Config_Effective_MasksSecrets_TellsOrigins") {
  auto sources = File("routing:\n  most_offers: 7\n");
  sources.environment["HAVEN_ROUTING_SIGNING_KEY"] = "hunter2";
  sources.flags = {"--desk.port=1"};
  REQUIRE(config.Load(sources).ok());
  const auto text = config.Effective();
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("  signing_key: \"***\"  # HAVEN_ROUTING_SIGNING_KEY\n") != std::string::npos);
  CHECK(text.find("  most_offers: 7  # haven.yaml:2\n") != std::string::npos);
  CHECK(text.find("  port: 1  # --desk.port\n") != std::string::npos);
  CHECK(text.find("  share: 0.5  # default\n") != std::string::npos);
  // What it prints can be loaded again.
  CHECK(config.Load(File(text)).ok());
}

TEST_CASE_METHOD(Fixture, "Config_Sample_IsTheManual") {
  const auto text = config.Sample();
  CHECK(text.find("  # After-contact time. In seconds. From 0 to 3600.\n  # wrap_up_seconds: 30\n") !=
        std::string::npos);
  CHECK(text.find("  # How to choose. One of fair, fast.\n  # mode: \"fair\"\n") != std::string::npos);
  CHECK(text.find("Secret: prefer the environment.") != std::string::npos);
  CHECK(config.Load(File(text)).ok());
}

}  // namespace
}  // namespace haven::core
