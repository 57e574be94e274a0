#include "libs/telemetry/health.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::telemetry {
namespace {

constexpr std::chrono::seconds kMostPerCheck{1};

struct Entry {
  std::string name;
  HealthCheck check;
  bool required = true;
};

boost::json::object Describe(const absl::Status& status, bool required) {
  boost::json::object out{{"ok", status.ok()}};
  if (!required) out["required"] = false;
  if (status.ok()) return out;
  out["code"] = absl::StatusCodeToString(status.code());
  // As in the log: only our own messages are known to quote nobody.
  if (const auto reason = core::ReasonOf(status)) {
    out["reason"] = errors::v1::Reason_Name(*reason);
    out["message"] = std::string(status.message());
  }
  return out;
}

}  // namespace

struct Health::Impl {
  std::vector<Entry> entries;
  bool serving = false;
  std::string state = "starting";
};

Health::Health() : impl_(std::make_unique<Impl>()) {}
Health::~Health() = default;

void Health::Add(std::string name, HealthCheck check, bool required) {
  impl_->entries.push_back({std::move(name), std::move(check), required});
}

void Health::Remove(const std::string& prefix) {
  auto& entries = impl_->entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.name.rfind(prefix, 0) == 0; }),
                entries.end());
}

void Health::SetServing(bool serving, std::string why) {
  impl_->serving = serving;
  impl_->state = std::move(why);
}

async::Task<Health::Report> Health::Check(core::Deadline deadline) {
  Report report;
  report.ready = impl_->serving;
  boost::json::object checks;
  // A copy: services may come and go while a check waits.
  const auto entries = impl_->entries;
  for (const auto& entry : entries) {
    const absl::Status status = co_await entry.check(deadline.AtMost(kMostPerCheck));
    if (entry.required && !status.ok()) report.ready = false;
    checks[entry.name] = Describe(status, entry.required);
  }
  boost::json::object out;
  out["ready"] = report.ready;
  out["state"] = impl_->state;
  out["checks"] = std::move(checks);
  report.json = boost::json::serialize(out);
  co_return report;
}

}  // namespace haven::telemetry
