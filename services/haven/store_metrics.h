#pragma once

#include <map>
#include <string>

#include "libs/core/log.h"
#include "libs/store/metrics.h"
#include "libs/telemetry/metrics.h"

namespace haven {

// Figures of libs/store in the process's registry; each name has one label.
class StoreMetricsAdapter final : public store::StoreMetrics {
 public:
  explicit StoreMetricsAdapter(telemetry::Metrics& metrics);
  void Add(std::string_view counter, std::string_view label, double by) override;
  void Observe(std::string_view histogram, std::string_view label, double value) override;
  void Set(std::string_view gauge, std::string_view label, double value) override;
  void Note(std::string_view event, std::string_view detail) override;

 private:
  std::map<std::string, telemetry::CounterFamily, std::less<>> counters_;
  std::map<std::string, telemetry::HistogramFamily, std::less<>> histograms_;
  std::map<std::string, telemetry::GaugeFamily, std::less<>> gauges_;
  core::Logger log_{"store"};
};

}  // namespace haven
