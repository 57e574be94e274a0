#include "services/haven/store_metrics.h"

namespace haven {

StoreMetricsAdapter::StoreMetricsAdapter(telemetry::Metrics& m) {
  namespace n = store::metric;
  const auto counter = [&](std::string_view name, const char* help, const char* label) {
    counters_.emplace(name, m.AddCounter(std::string(name), help, {label}));
  };
  const auto histogram = [&](std::string_view name, const char* help, const char* label) {
    histograms_.emplace(name, m.AddHistogram(std::string(name), help, telemetry::LatencyBuckets(), {label}));
  };
  const auto gauge = [&](std::string_view name, const char* help, const char* label) {
    gauges_.emplace(name, m.AddGauge(std::string(name), help, {label}));
  };
  histogram(n::kStatementSeconds, "Time of a statement from call to result.", "statement");
  histogram(n::kFlushSeconds, "Time of a round trip of a transaction.", "step");
  counter(n::kErrorsTotal, "Errors of PostgreSQL by SQLSTATE.", "sqlstate");
  counter(n::kRejectedTotal, "Calls refused before they were sent.", "cause");
  gauge(n::kConnections, "Connections open.", "schema");
  counter(n::kConnectionsLostTotal, "Connections lost.", "schema");
  counter(n::kConnectFailuresTotal, "Failed attempts to connect.", "schema");
  gauge(n::kWaiting, "Callers waiting for a connection.", "schema");
  counter(n::kCancelsTotal, "Overdue statements cancelled.", "how");
  counter(n::kHandoffsTotal, "Hand-offs done.", "kind");
  histogram(n::kHandoffSeconds, "Time of a hand-off from its commit to the callee's.", "kind");
  counter(n::kHandoffRetriesTotal, "Hand-offs repeated.", "kind");
  counter(n::kHandoffRefusedTotal, "Hand-offs refused for good. An alarm.", "kind");
  gauge(n::kOutboxRows, "Hand-offs not yet done.", "schema");
  gauge(n::kOutboxOldestSeconds, "Age of the oldest hand-off not yet done.", "schema");
  counter(n::kAuditLinkedTotal, "Audit entries chained.", "schema");
  counter(n::kAuditLateTotal, "Audit entries not chained within 10 s. An alarm.", "schema");
}

void StoreMetricsAdapter::Add(std::string_view name, std::string_view label, double by) {
  if (const auto found = counters_.find(name); found != counters_.end()) found->second.With({label}).Add(by);
}
void StoreMetricsAdapter::Observe(std::string_view name, std::string_view label, double value) {
  if (const auto found = histograms_.find(name); found != histograms_.end()) found->second.With({label}).Observe(value);
}
void StoreMetricsAdapter::Set(std::string_view name, std::string_view label, double value) {
  if (const auto found = gauges_.find(name); found != gauges_.end()) found->second.With({label}).Set(value);
}
void StoreMetricsAdapter::Note(std::string_view event, std::string_view detail) {
  log_.Info("note", {{"what", core::PlainText{event}}, {"detail", core::PlainText{detail}}});
}

}  // namespace haven
