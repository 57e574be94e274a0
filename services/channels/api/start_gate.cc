#include "services/channels/api/start_gate.h"

#include <utility>

#include "absl/status/statusor.h"

namespace haven::channels {
namespace {

constexpr std::size_t kMostSources = 65'536;
constexpr int kBurstSeconds = 5;

}  // namespace

StartGate::StartGate(Rate per_source, int per_second, const core::Clock& clock, Shared shared)
    : per_source_(per_source),
      clock_(clock),
      shared_(std::move(shared)),
      sources_(per_source, kMostSources),
      hub_({per_second * kBurstSeconds, std::chrono::seconds(kBurstSeconds)}, 1) {}

async::Task<StartGate::Decision> StartGate::Admit(core::Deadline deadline, std::string source) {
  const std::int64_t now = absl::ToUnixMillis(clock_.Now());
  if (const auto wait = sources_.Admit(source, now)) co_return Decision{Limit::kSource, *wait};
  if (const auto wait = hub_.Admit("", now)) co_return Decision{Limit::kHub, *wait};
  if (shared_) {
    auto wait = co_await shared_(deadline, std::move(source), per_source_);
    if (wait.ok() && *wait) co_return Decision{Limit::kSource, **wait};
  }
  co_return Decision{};
}

}  // namespace haven::channels
