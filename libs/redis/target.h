#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace haven::redis {

// One server: a socket's path, or a host (name or numeric address) and port.
struct Address {
  std::string path;
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
  bool IsUnix() const { return !path.empty(); }
};

// What RedisOptions.target says: one server, or sentinels that know it by `master`.
struct Target {
  Address server;
  std::vector<Address> sentinels;
  std::string master;

  bool IsSentinel() const { return !sentinels.empty(); }
};

// "host:port" or "[v6]:port". INVALID_ARGUMENT otherwise.
absl::StatusOr<Address> ParseHostPort(std::string_view text);
absl::StatusOr<Target> ParseTarget(std::string_view text);

}  // namespace haven::redis
