#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "libs/telemetry/metrics.h"

namespace haven::rpc {

// Figures of a server. Without a registry nothing is counted.
class ServerMetrics {
 public:
  explicit ServerMetrics(telemetry::Metrics* metrics);

  // Loop thread only. `method` is a registered one.
  void Ended(const std::string& method, const absl::Status& status, std::chrono::nanoseconds took);

  telemetry::CounterFamily refused_early;  // by cause, before the method's handler or the identity was looked at
  telemetry::CounterFamily without_reason;
  telemetry::CounterFamily bugs;
  telemetry::Gauge unary_in_progress;
  telemetry::Gauge streams_open;

 private:
  // Handles are kept, so that a call costs one lookup.
  struct OfMethod {
    telemetry::Counter ok;
    telemetry::Histogram seconds;
  };
  telemetry::CounterFamily calls_;
  telemetry::HistogramFamily seconds_;
  std::unordered_map<std::string, OfMethod> methods_;
};

}  // namespace haven::rpc
