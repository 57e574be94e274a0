#include "services/routing/store/activity_writer.h"

#include <utility>

namespace haven::routing {

void ActivityWriter::Put(const std::string& agent_id, const std::string& activity, std::int64_t version) {
  auto& entry = waiting_[agent_id];
  if (entry.version > version) return;
  entry = {agent_id, activity, version, clock_.Now()};
  work_.NotifyOne();
}

async::Task<absl::Status> ActivityWriter::Flush(core::Deadline deadline) {
  auto batch = std::exchange(waiting_, {});
  if (batch.empty()) co_return absl::OkStatus();
  std::vector<LedgerStore::AgentActivity> rows;
  for (const auto& [agent, activity] : batch) rows.push_back(activity);
  auto status = co_await ledger_.SaveActivities(deadline, std::move(rows));
  if (!status.ok()) {
    // Newer ones may have come meanwhile: they stay.
    for (auto& [agent, activity] : batch) waiting_.try_emplace(agent, std::move(activity));
  }
  co_return status;
}

async::Task<void> ActivityWriter::Run(ActivityWriter* self) {
  for (;;) {
    if (self->waiting_.empty()) {
      const bool woken = co_await self->work_.Wait(core::Deadline::After(std::chrono::seconds(5)));
      const bool cancelled = co_await async::Cancelled();
      if (!woken && cancelled) co_return;
    }
    // A moment to gather what comes together, as when a shift begins.
    const bool gathered = co_await async::Sleep(std::chrono::milliseconds(50));
    if (!gathered) co_return;
    const auto status = co_await self->Flush(core::Deadline::After(std::chrono::seconds(5)));
    if (status.ok()) continue;
    const bool rested = co_await async::Sleep(std::chrono::seconds(1));
    if (!rested) co_return;
  }
}

}  // namespace haven::routing
