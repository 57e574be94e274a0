#pragma once

#include <chrono>
#include <string>

#include "libs/core/config.h"

namespace haven::channels {

// Settings of the service; README.md of the folder says what they are for.
struct Config {
  std::chrono::seconds token_life{30 * 24 * 3600};
  std::chrono::seconds token_grace{600};
  std::string token_key_file;
  int starts_per_source = 10;
  std::chrono::seconds starts_period{600};
  int starts_per_second = 200;
  int streams_per_visitor = 2;
  int streams_total = 20'000;
  std::chrono::seconds stream_life{3600};
  std::chrono::seconds heartbeat{20};
  std::chrono::seconds remember_agent{30 * 24 * 3600};
  std::chrono::seconds remember_subject{24 * 3600};
  int max_attempts = 3;

  void Bind(core::ConfigSection& section);
};

}  // namespace haven::channels
