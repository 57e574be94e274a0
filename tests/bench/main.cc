// The load client of tests/bench/run: hub_bench NAME KEY=VALUE..., where the keys are Stage's.
#include <signal.h>

#include <cstdlib>
#include <functional>
#include <map>

#include "tests/bench/bench.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  haven::bench::Stage stage;
  const std::map<std::string, std::function<void(const char*)>> keys = {
      {"folder", [&](const char* v) { stage.folder = v; }},
      {"postgres", [&](const char* v) { stage.postgres = v; }},
      {"redis_socket", [&](const char* v) { stage.redis_socket = v; }},
      {"hub_socket", [&](const char* v) { stage.hub_socket = v; }},
      {"key", [&](const char* v) { stage.key = v; }},
      {"chat_port", [&](const char* v) { stage.chat_port = std::atoi(v); }},
      {"hub", [&](const char* v) { stage.hub = std::atoi(v); }},
      {"postgres_server", [&](const char* v) { stage.postgres_server = std::atoi(v); }},
      {"redis", [&](const char* v) { stage.redis = std::atoi(v); }},
  };
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto equals = argument.find('=');
    const auto key = keys.find(argument.substr(0, equals));
    if (equals == std::string::npos || key == keys.end()) haven::bench::Fail("unknown argument " + argument);
    key->second(argv[i] + equals + 1);
  }
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "routing") return haven::bench::RunRouting(stage);
  if (name == "messages") return haven::bench::RunMessages(stage);
  if (name == "memory") return haven::bench::RunMemory(stage);
  haven::bench::Fail("no benchmark is called '" + name + "'");
}
