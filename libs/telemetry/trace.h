#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haven::telemetry {

// W3C Trace Context (https://www.w3.org/TR/trace-context/), version 00. Ids are not secrets and come from a fast
// generator.
struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  bool sampled = false;

  // A new trace, sampled flag off.
  static TraceContext New();
  // nullopt for a malformed header, all-zero ids or version ff.
  static std::optional<TraceContext> Parse(std::string_view traceparent);

  // The same trace with a new span id.
  TraceContext Child() const;
  bool valid() const;
  // "00-<32 hex>-<16 hex>-0x".
  std::string ToTraceparent() const;
  std::string TraceIdHex() const;
};

}  // namespace haven::telemetry
