#include "libs/core/ids.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/time/time.h"

namespace haven::core {
namespace {

class OpenSslRandom final : public Random {
 public:
  void Fill(unsigned char* out, std::size_t size) override {
    // Without randomness no secret may be made: ending is the only safe answer.
    if (RAND_bytes(out, static_cast<int>(size)) != 1) std::abort();
  }
};

}  // namespace

Random& SystemRandom() {
  static OpenSslRandom random;
  return random;
}

std::string NewUuid(const Clock& clock, Random& random) {
  unsigned char b[16];
  random.Fill(b, sizeof b);
  const auto ms = static_cast<std::uint64_t>(absl::ToUnixMillis(clock.Now()));
  for (int i = 0; i < 6; ++i) b[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x70);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);

  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[b[i] >> 4]);
    out.push_back(kHex[b[i] & 15]);
  }
  return out;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

std::string NewSecret(Random& random, std::size_t bytes) {
  std::string raw(bytes, '\0');
  random.Fill(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
  std::string out = absl::WebSafeBase64Escape(raw);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

}  // namespace haven::core
