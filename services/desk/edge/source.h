#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace haven::desk::edge {

// Networks of proxies that may say whom they speak for, such as "10.0.0.0/8" or "::1/128".
class TrustedProxies {
 public:
  // INVALID_ARGUMENT naming the first that is no network.
  static absl::StatusOr<TrustedProxies> Parse(const std::vector<std::string>& networks);

  bool Contains(std::string_view address) const;
  // The address a request really came from: of X-Forwarded-For the last that no trusted proxy has, if the socket's own
  // peer is one.
  std::string SourceOf(std::string_view socket_address, std::string_view forwarded_for) const;

 private:
  struct Network {
    std::string bytes;
    int bits;
  };
  std::vector<Network> networks_;
};

// What is counted as one source: an IPv4 address, or the /64 of an IPv6 address.
std::string SourceKey(std::string_view address);

}  // namespace haven::desk::edge
