#include "libs/rpc/server_metrics.h"

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::rpc {

ServerMetrics::ServerMetrics(telemetry::Metrics* metrics) {
  if (metrics == nullptr) return;
  calls_ = metrics->AddCounter("haven_rpc_calls_total", "Calls ended, by method and reason (OK where there is none).",
                               {"method", "reason"});
  seconds_ =
      metrics->AddHistogram("haven_rpc_call_seconds", "From the first byte read to the answer given to the transport.",
                            telemetry::LatencyBuckets(), {"method"});
  refused_early = metrics->AddCounter("haven_rpc_refused_early_total",
                                      "Calls refused before their identity was looked at, by cause.", {"cause"});
  without_reason =
      metrics->AddCounter("haven_rpc_statuses_without_reason_total",
                          "Errors of handlers that carried no reason; the adapter gave them one.", {"method"});
  bugs = metrics->AddCounter("haven_rpc_bugs_total", "Handlers that threw, or answered INTERNAL.", {"method"});
  unary_in_progress = metrics->AddGauge("haven_rpc_unary_calls", "Unary calls in progress.");
  streams_open = metrics->AddGauge("haven_rpc_streams", "Server streams open.");
}

void ServerMetrics::Ended(const std::string& method, const absl::Status& status, std::chrono::nanoseconds took) {
  auto found = methods_.find(method);
  if (found == methods_.end()) {
    found = methods_.emplace(method, OfMethod{calls_.With({method, "OK"}), seconds_.With({method})}).first;
  }
  found->second.seconds.Observe(std::chrono::duration<double>(took).count());
  if (status.ok()) return found->second.ok.Add();
  const auto reason = core::ReasonOf(status);
  calls_.With({method, reason ? errors::v1::Reason_Name(*reason) : "REASON_UNSPECIFIED"}).Add();
}

}  // namespace haven::rpc
