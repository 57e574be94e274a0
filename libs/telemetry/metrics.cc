#include "libs/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "libs/telemetry/process_metrics.h"

namespace haven::telemetry {
namespace {

constexpr std::size_t kMaxChildren = 256;

[[noreturn]] void Refuse(const std::string& name, const char* why) {
  std::fprintf(stderr, "metric %s: %s\n", name.c_str(), why);
  std::abort();
}

bool EndsWith(const std::string& text, std::string_view suffix) {
  return text.size() >= suffix.size() && std::string_view(text).substr(text.size() - suffix.size()) == suffix;
}

bool WellFormed(const std::string& name) {
  if (name.rfind("haven_", 0) != 0 || std::count(name.begin(), name.end(), '_') < 2 || name.back() == '_') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// Children of one family by label values. The map's key joins the values by a byte that no value holds.
template <class Metric>
struct Children {
  template <class Make>
  Metric* Find(std::initializer_list<std::string_view> values, const Make& make) {
    std::string key;
    for (const auto value : values) {
      key.append(value);
      key.push_back('\x1f');
    }
    std::lock_guard lock(mutex);
    const auto found = by_values.find(key);
    if (found != by_values.end()) return found->second;
    prometheus::Labels labels;
    const bool full = by_values.size() >= kMaxChildren;
    std::size_t i = 0;
    for (const auto value : values) {
      if (i == keys.size()) break;
      labels[keys[i++]] = full ? "other" : std::string(value);
    }
    while (i < keys.size()) labels[keys[i++]] = "";
    Metric* metric = make(labels);
    if (!full) by_values.emplace(std::move(key), metric);
    return metric;
  }

  std::vector<std::string> keys;
  std::mutex mutex;
  std::unordered_map<std::string, Metric*> by_values;
};

}  // namespace

namespace internal {

struct CounterFamilyImpl {
  prometheus::Family<prometheus::Counter>& family;
  Children<prometheus::Counter> children;
  void* With(std::initializer_list<std::string_view> values) {
    return children.Find(values, [this](const prometheus::Labels& labels) { return &family.Add(labels); });
  }
};

struct GaugeFamilyImpl {
  prometheus::Family<prometheus::Gauge>& family;
  Children<prometheus::Gauge> children;
  void* With(std::initializer_list<std::string_view> values) {
    return children.Find(values, [this](const prometheus::Labels& labels) { return &family.Add(labels); });
  }
};

struct HistogramFamilyImpl {
  prometheus::Family<prometheus::Histogram>& family;
  std::vector<double> buckets;
  Children<prometheus::Histogram> children;
  void* With(std::initializer_list<std::string_view> values) {
    return children.Find(values, [this](const prometheus::Labels& labels) { return &family.Add(labels, buckets); });
  }
};

}  // namespace internal

void Counter::Add(double by) {
  if (impl_ != nullptr) static_cast<prometheus::Counter*>(impl_)->Increment(by);
}
double Counter::value() const {
  return impl_ == nullptr ? 0 : static_cast<prometheus::Counter*>(impl_)->Value();
}

void Gauge::Set(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Gauge*>(impl_)->Set(value);
}
void Gauge::Add(double by) {
  if (impl_ != nullptr) static_cast<prometheus::Gauge*>(impl_)->Increment(by);
}
double Gauge::value() const {
  return impl_ == nullptr ? 0 : static_cast<prometheus::Gauge*>(impl_)->Value();
}

void Histogram::Observe(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

template <class Handle, class Impl>
Handle Family<Handle, Impl>::With(std::initializer_list<std::string_view> label_values) const {
  return impl_ == nullptr ? Handle() : Handle(impl_->With(label_values));
}
template class Family<Counter, internal::CounterFamilyImpl>;
template class Family<Gauge, internal::GaugeFamilyImpl>;
template class Family<Histogram, internal::HistogramFamilyImpl>;

std::vector<double> LatencyBuckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

struct Metrics::Impl {
  void Declare(const std::string& name, const char* type, const std::vector<std::string>& keys) {
    if (!WellFormed(name)) Refuse(name, "must be haven_<service>_<noun>_<unit> in lower case");
    if (EndsWith(name, "_total") != (std::string_view(type) == "counter"))
      Refuse(name, "_total is for counters, and all of them");
    std::string line = name + " " + type;
    for (const auto& key : keys) line += " " + key;
    std::lock_guard lock(mutex);
    if (!names.emplace(name, std::move(line)).second) Refuse(name, "declared twice");
  }

  prometheus::Registry registry;
  mutable std::mutex mutex;
  std::map<std::string, std::string> names;
  std::vector<std::function<void()>> refresh;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

CounterFamily Metrics::AddCounter(std::string name, std::string help, std::vector<std::string> label_keys) {
  impl_->Declare(name, "counter", label_keys);
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
  auto impl = std::make_shared<internal::CounterFamilyImpl>(family);
  impl->children.keys = std::move(label_keys);
  return CounterFamily(std::move(impl));
}

GaugeFamily Metrics::AddGauge(std::string name, std::string help, std::vector<std::string> label_keys) {
  impl_->Declare(name, "gauge", label_keys);
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
  auto impl = std::make_shared<internal::GaugeFamilyImpl>(family);
  impl->children.keys = std::move(label_keys);
  return GaugeFamily(std::move(impl));
}

HistogramFamily Metrics::AddHistogram(std::string name, std::string help, std::vector<double> buckets,
                                      std::vector<std::string> label_keys) {
  impl_->Declare(name, "histogram", label_keys);
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
  auto impl = std::make_shared<internal::HistogramFamilyImpl>(family, std::move(buckets));
  impl->children.keys = std::move(label_keys);
  return HistogramFamily(std::move(impl));
}

Counter Metrics::AddCounter(std::string name, std::string help) {
  return AddCounter(std::move(name), std::move(help), std::vector<std::string>()).With({});
}

Gauge Metrics::AddGauge(std::string name, std::string help) {
  return AddGauge(std::move(name), std::move(help), std::vector<std::string>()).With({});
}

Histogram Metrics::AddHistogram(std::string name, std::string help, std::vector<double> buckets) {
  return AddHistogram(std::move(name), std::move(help), std::move(buckets), std::vector<std::string>()).With({});
}

void Metrics::OnExposition(std::function<void()> refresh) {
  std::lock_guard lock(impl_->mutex);
  impl_->refresh.push_back(std::move(refresh));
}

void Metrics::AddProcessMetrics() {
  auto memory = AddGauge("haven_process_resident_bytes", "Memory in use by the process.");
  auto cpu = AddGauge("haven_process_cpu_seconds", "Processor time used since the start, user and system.");
  auto files = AddGauge("haven_process_open_files", "Open file descriptors.");
  OnExposition([memory, cpu, files]() mutable {
    const auto now = internal::ReadProcessFigures();
    memory.Set(now.resident_bytes);
    cpu.Set(now.cpu_seconds);
    files.Set(now.open_files);
  });
}

std::string Metrics::Exposition() const {
  std::vector<std::function<void()>> refresh;
  {
    std::lock_guard lock(impl_->mutex);
    refresh = impl_->refresh;
  }
  for (const auto& call : refresh) call();
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return out.str();
}

std::string Metrics::Names() const {
  std::lock_guard lock(impl_->mutex);
  std::string out;
  for (const auto& [name, line] : impl_->names) out += line + "\n";
  return out;
}

}  // namespace haven::telemetry
