#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "libs/core/config.h"

namespace haven::desk {

// Settings of the HTTP edge.
struct DeskConfig {
  std::string address = "127.0.0.1";
  int port = 8080;
  int chat_port = 8081;
  std::string web_dir;
  std::vector<std::string> trusted_proxies;
  std::int64_t max_body_bytes = 1024 * 1024;
  int max_connections = 8192;
  int max_connections_per_address = 1024;
  double anonymous_per_second = 20;
  double anonymous_burst = 100;

  void Bind(core::ConfigSection& section);
};

}  // namespace haven::desk
