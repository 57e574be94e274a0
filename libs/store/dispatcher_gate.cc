#include "libs/store/dispatcher.h"

namespace haven::store {
namespace {

bool MeansAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

bool DispatcherCore::PassesGate(const LanePtr& lane) {
  const std::string& callee = lane->rows.begin()->second.callee;
  Gate& gate = gates_[callee];
  if (!gate.closed() || gate.probe == lane) return true;
  if (Crowded() && !gate.parked.empty()) {
    Spawn(PutBack(shared_from_this(), lane, Jittered(gate.failures)));
  } else {
    Park(gate, callee, lane);
  }
  return false;
}

// A probe that ended without a call (its lane was not ours any more) must not leave the gate closed for ever.
void DispatcherCore::ReleaseProbe(const LanePtr& lane) {
  for (auto& [callee, gate] : gates_) {
    if (gate.probe != lane) continue;
    gate.probe.reset();
    if (gate.parked.empty()) {
      gate.failures = kGateFailures - 1;
    } else if (!gate.probe_scheduled) {
      gate.probe_scheduled = true;
      Spawn(Probe(shared_from_this(), callee));
    }
  }
}

void DispatcherCore::Park(Gate& gate, const std::string& callee, const LanePtr& lane) {
  gate.parked.push_back(lane);
  if (gate.probe || gate.probe_scheduled) return;
  gate.probe_scheduled = true;
  Spawn(Probe(shared_from_this(), callee));
}

async::Task<void> DispatcherCore::Probe(Self self, std::string callee) {
  co_await Pause(self, self->Jittered(self->gates_[callee].failures - kGateFailures + 2));
  Gate& gate = self->gates_[callee];
  gate.probe_scheduled = false;
  if (self->stopped() || gate.parked.empty()) co_return;
  gate.probe = std::move(gate.parked.front());
  gate.parked.pop_front();
  self->MakeReady(gate.probe);
}

void DispatcherCore::OnGateResult(const LanePtr& lane, const std::string& callee, const absl::Status& status) {
  Gate& gate = gates_[callee];
  const bool was_probe = gate.probe == lane;
  if (was_probe) gate.probe.reset();
  if (MeansAway(status)) {
    if (++gate.failures == kGateFailures) metrics_.Note("handoff_callee_away", callee);
    return;
  }
  if (gate.closed()) metrics_.Note("handoff_callee_back", callee);
  gate.failures = 0;
  for (const auto& parked : std::exchange(gate.parked, {})) MakeReady(parked);
}

std::vector<std::string> DispatcherCore::ClosedCallees() const {
  std::vector<std::string> out;
  for (const auto& [callee, gate] : gates_) {
    if (gate.closed() && !gate.parked.empty()) out.push_back(callee);
  }
  return out;
}

}  // namespace haven::store
