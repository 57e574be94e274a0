#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace haven::telemetry {

namespace internal {
struct CounterFamilyImpl;
struct GaugeFamilyImpl;
struct HistogramFamilyImpl;
}  // namespace internal

// Handles are cheap to copy, thread-safe, and valid as long as the registry that made them. A default one does nothing.
class Counter {
 public:
  Counter() = default;
  explicit Counter(void* impl) : impl_(impl) {}
  void Add(double by = 1);
  double value() const;

 private:
  void* impl_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(void* impl) : impl_(impl) {}
  void Set(double value);
  void Add(double by);
  double value() const;

 private:
  void* impl_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(void* impl) : impl_(impl) {}
  void Observe(double value);

 private:
  void* impl_ = nullptr;
};

// A metric with labels. With() finds or makes the child for the label values, given in the order of the declared keys.
// Labels are bounded: beyond 256 children everything more is counted under the value "other". With() costs a hash
// lookup: hot paths keep the handle.
template <class Handle, class Impl>
class Family {
 public:
  Family() = default;
  explicit Family(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Handle With(std::initializer_list<std::string_view> label_values) const;

 private:
  std::shared_ptr<Impl> impl_;
};
using CounterFamily = Family<Counter, internal::CounterFamilyImpl>;
using GaugeFamily = Family<Gauge, internal::GaugeFamilyImpl>;
using HistogramFamily = Family<Histogram, internal::HistogramFamilyImpl>;

// Upper bounds in seconds, 0.5 ms to 30 s: for anything a person waits for.
std::vector<double> LatencyBuckets();

// The metrics of a process. Each service declares its own in one struct, in one place, at start:
//   struct RoutingMetrics {
//     explicit RoutingMetrics(Metrics& m) : offers(m.AddCounter("haven_routing_offers_total", "Offers by outcome.",
//     {"outcome"})) {} CounterFamily offers;
//   };
// Names are haven_<service>_<noun>_<unit>; _total on counters and only there. A wrong or repeated name ends the
// process: it is a programming mistake seen at the first start.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  CounterFamily AddCounter(std::string name, std::string help, std::vector<std::string> label_keys);
  GaugeFamily AddGauge(std::string name, std::string help, std::vector<std::string> label_keys);
  HistogramFamily AddHistogram(std::string name, std::string help, std::vector<double> buckets,
                               std::vector<std::string> label_keys);
  // Without labels.
  Counter AddCounter(std::string name, std::string help);
  Gauge AddGauge(std::string name, std::string help);
  Histogram AddHistogram(std::string name, std::string help, std::vector<double> buckets);

  // Called before each exposition, on the thread that asks for it: for gauges that are read rather than kept.
  void OnExposition(std::function<void()> refresh);
  // haven_process_*: memory, processor time, open files. At most once.
  void AddProcessMetrics();

  // Prometheus text exposition format 0.0.4.
  std::string Exposition() const;
  // Declared names with type and labels, sorted, one a line: what golden tests compare.
  std::string Names() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haven::telemetry
