#include "libs/redis/target.h"

#include <sys/un.h>

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

namespace haven::redis {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kSentinel = "sentinel:";

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("redis target: ", std::string(what)));
}

absl::StatusOr<Target> ParseSentinels(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    return Malformed("sentinel:host:port,host:port/name needs the master's name after a slash");
  }
  Target target;
  target.master = text.substr(slash + 1);
  auto rest = text.substr(0, slash);
  while (true) {
    const auto comma = rest.find(',');
    auto sentinel = ParseHostPort(rest.substr(0, comma));
    if (!sentinel.ok()) return sentinel.status();
    target.sentinels.push_back(*std::move(sentinel));
    if (comma == std::string_view::npos) return target;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

absl::StatusOr<Address> ParseHostPort(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return Malformed("expected host:port");
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return Malformed("expected [address]:port");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Malformed("a numeric IPv6 address stands in brackets: [address]:port");
  }
  Address address;
  address.host = host;
  const auto* end = port.data() + port.size();
  const auto parsed = std::from_chars(port.data(), end, address.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || address.port == 0) return Malformed("port must be 1 to 65535");
  return address;
}

absl::StatusOr<Target> ParseTarget(std::string_view text) {
  if (text.starts_with(kSentinel)) return ParseSentinels(text.substr(kSentinel.size()));
  Target target;
  if (text.starts_with(kUnix)) {
    target.server.path = text.substr(kUnix.size());
    if (target.server.path.empty()) return Malformed("unix: needs a path");
    if (target.server.path.size() >= sizeof(sockaddr_un::sun_path)) return Malformed("the socket's path is too long");
    return target;
  }
  auto server = ParseHostPort(text);
  if (!server.ok()) return server.status();
  target.server = *std::move(server);
  return target;
}

}  // namespace haven::redis
