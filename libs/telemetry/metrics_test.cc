#include "libs/telemetry/metrics.h"

#include <catch2/catch.hpp>

namespace haven::telemetry {
namespace {

bool Has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

TEST_CASE("Metrics_Exposition_HoldsEachKind") {
  Metrics metrics;
  auto offers = metrics.AddCounter("haven_routing_offers_total", "Offers by outcome.", {"outcome"});
  auto waiting = metrics.AddGauge("haven_routing_waiting_contacts", "Contacts in queues.");
  auto latency = metrics.AddHistogram("haven_routing_offer_seconds", "Enqueue to offer.", {0.1, 1}, {"channel"});
  offers.With({"accepted"}).Add();
  offers.With({"accepted"}).Add(2);
  offers.With({"declined"}).Add();
  waiting.Set(7);
  latency.With({"webchat"}).Observe(0.5);
  const auto text = metrics.Exposition();
  CHECK(Has(text, "# HELP haven_routing_offers_total Offers by outcome."));
  CHECK(Has(text, "# TYPE haven_routing_offers_total counter"));
  CHECK(Has(text, "haven_routing_offers_total{outcome=\"accepted\"} 3"));
  CHECK(Has(text, "haven_routing_offers_total{outcome=\"declined\"} 1"));
  CHECK(Has(text, "haven_routing_waiting_contacts 7"));
  CHECK(Has(text, "haven_routing_offer_seconds_bucket{channel=\"webchat\",le=\"0.1\"} 0"));
  CHECK(Has(text, "haven_routing_offer_seconds_bucket{channel=\"webchat\",le=\"1\"} 1"));
  CHECK(offers.With({"accepted"}).value() == 3);
}

TEST_CASE("Metrics_LabelsAreBounded_TheRestIsOther") {
  Metrics metrics;
  auto family = metrics.AddCounter("haven_test_things_total", "Things.", {"kind"});
  for (int i = 0; i < 1000; ++i) family.With({std::to_string(i)}).Add();
  const auto text = metrics.Exposition();
  CHECK(Has(text, "haven_test_things_total{kind=\"255\"} 1"));
  CHECK(text.find("{kind=\"256\"}") == std::string::npos);
  CHECK(Has(text, "haven_test_things_total{kind=\"other\"} 744"));
}

TEST_CASE("Metrics_Names_AreSortedWithTypeAndLabels") {
  Metrics metrics;
  metrics.AddHistogram("haven_b_wait_seconds", "B.", LatencyBuckets());
  metrics.AddCounter("haven_a_calls_total", "A.", {"method", "reason"});
  CHECK(metrics.Names() == "haven_a_calls_total counter method reason\nhaven_b_wait_seconds histogram\n");
}

TEST_CASE("Metrics_DefaultHandles_DoNothing") {
  Counter counter;
  counter.Add();
  CHECK(counter.value() == 0);
  CounterFamily family;
  family.With({"x"}).Add();
  Gauge().Set(1);
  Histogram().Observe(1);
}

TEST_CASE("Metrics_ProcessFigures_AreThere") {
  Metrics metrics;
  metrics.AddProcessMetrics();
  const auto text = metrics.Exposition();
  CHECK(text.find("haven_process_resident_bytes ") != std::string::npos);
  CHECK_FALSE(Has(text, "haven_process_resident_bytes 0"));
  CHECK_FALSE(Has(text, "haven_process_open_files 0"));
}

}  // namespace
}  // namespace haven::telemetry
