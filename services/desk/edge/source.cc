#include "services/desk/edge/source.h"

#include <arpa/inet.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace haven::desk::edge {
namespace {

// 16 bytes; IPv4 as ::ffff:a.b.c.d. Empty if it is no address.
std::string Bytes(std::string_view address) {
  std::string text(address);
  std::string out(16, '\0');
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    out[10] = out[11] = '\xff';
    std::memcpy(out.data() + 12, &v4, 4);
    return out;
  }
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  return {};
}

bool IsV4(const std::string& bytes) {
  return bytes.compare(0, 12, std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12)) == 0;
}

}  // namespace

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies out;
  for (const auto& text : networks) {
    const auto slash = text.find('/');
    const auto bytes = Bytes(text.substr(0, slash));
    const int most = !bytes.empty() && IsV4(bytes) ? 32 : 128;
    int bits = most;
    if (slash != std::string::npos && !absl::SimpleAtoi(text.substr(slash + 1), &bits)) bits = -1;
    if (bytes.empty() || bits < 0 || bits > most) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no network: write it as 10.0.0.0/8 or ::1/128"));
    }
    out.networks_.push_back({bytes, most == 32 ? bits + 96 : bits});
  }
  return out;
}

bool TrustedProxies::Contains(std::string_view address) const {
  const auto bytes = Bytes(address);
  if (bytes.empty()) return false;
  for (const auto& network : networks_) {
    const auto whole = static_cast<std::size_t>(network.bits / 8);
    const int rest = network.bits % 8;
    if (bytes.compare(0, whole, network.bytes, 0, whole) != 0) continue;
    if (rest == 0 || ((bytes[whole] ^ network.bytes[whole]) & (0xff << (8 - rest)) & 0xff) == 0) return true;
  }
  return false;
}

std::string TrustedProxies::SourceOf(std::string_view socket_address, std::string_view forwarded_for) const {
  std::string source(socket_address);
  if (forwarded_for.empty() || !Contains(source)) return source;
  const std::vector<std::string> hops =
      absl::StrSplit(absl::string_view(forwarded_for.data(), forwarded_for.size()), ',');
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    std::string address(*hop);
    absl::StripAsciiWhitespace(&address);
    if (Bytes(address).empty()) return source;  // not written by a proxy of ours
    source = address;
    if (!Contains(source)) return source;
  }
  return source;
}

std::string SourceKey(std::string_view address) {
  auto bytes = Bytes(address);
  if (!bytes.empty() && !IsV4(bytes)) bytes.resize(8);
  return bytes;
}

}  // namespace haven::desk::edge
