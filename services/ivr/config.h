#pragma once

#include <chrono>

#include "libs/core/config.h"

namespace haven::ivr {

// Settings of the service.
struct Config {
  std::chrono::seconds keep_sessions{90 * 24 * 3600};

  void Bind(core::ConfigSection& section);
};

}  // namespace haven::ivr
