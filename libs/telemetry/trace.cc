#include "libs/telemetry/trace.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace haven::telemetry {
namespace {

// Not for secrets: seeded once per thread.
std::uint64_t FastRandom() {
  thread_local std::mt19937_64 engine{(static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
                                      std::random_device{}()};
  return engine();
}

template <std::size_t N>
void FillNonZero(std::array<std::uint8_t, N>& out) {
  for (std::size_t i = 0; i < N; i += 8) {
    const std::uint64_t value = FastRandom() | 1;
    std::memcpy(out.data() + i, &value, 8);
  }
}

template <std::size_t N>
void AppendHex(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const auto b : bytes) {
    out.push_back(kHex[b >> 4]);
    out.push_back(kHex[b & 15]);
  }
}

// The specification asks for lower-case digits.
int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool ReadHex(std::string_view text, std::uint8_t* out, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const int high = Digit(text[2 * i]);
    const int low = Digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

template <std::size_t N>
bool AnySet(const std::array<std::uint8_t, N>& bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b != 0; });
}

}  // namespace

TraceContext TraceContext::New() {
  TraceContext context;
  FillNonZero(context.trace_id);
  FillNonZero(context.span_id);
  return context;
}

std::optional<TraceContext> TraceContext::Parse(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" flags; later versions may append more after another "-".
  constexpr std::size_t kLength = 55;
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  TraceContext context;
  if (!ReadHex(text, &version, 1) || !ReadHex(text.substr(3), context.trace_id.data(), 16) ||
      !ReadHex(text.substr(36), context.span_id.data(), 8) || !ReadHex(text.substr(53), &flags, 1)) {
    return std::nullopt;
  }
  if (version == 0xff || !context.valid()) return std::nullopt;
  if (text.size() > kLength && (version == 0 || text[kLength] != '-')) return std::nullopt;
  context.sampled = (flags & 1) != 0;
  return context;
}

TraceContext TraceContext::Child() const {
  TraceContext child = *this;
  FillNonZero(child.span_id);
  return child;
}

bool TraceContext::valid() const {
  return AnySet(trace_id) && AnySet(span_id);
}

std::string TraceContext::ToTraceparent() const {
  std::string out = "00-";
  out.reserve(55);
  AppendHex(out, trace_id);
  out.push_back('-');
  AppendHex(out, span_id);
  out += sampled ? "-01" : "-00";
  return out;
}

std::string TraceContext::TraceIdHex() const {
  std::string out;
  AppendHex(out, trace_id);
  return out;
}

}  // namespace haven::telemetry
