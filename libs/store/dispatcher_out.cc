#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/dispatcher.h"
#include "libs/store/outbox_sql.h"

namespace haven::store {
namespace {

constexpr std::size_t kDeleteBatch = 1000;

bool IsGap(const absl::Status& status) {
  return absl::IsAborted(status) && core::ReasonOf(status) == errors::v1::REASON_SEQUENCE_GAP;
}

}  // namespace

DispatcherCore::Verdict DispatcherCore::Judge(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Verdict::kDone;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return Verdict::kAgain;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
      return Verdict::kAgainLimited;
    default:
      return Verdict::kRefused;
  }
}

void DispatcherCore::MakeReady(const LanePtr& lane) {
  lane->busy = true;
  ready_.push_back(lane);
  Pump();
}

void DispatcherCore::Pump() {
  while (!stopped() && delivering_ < options_.concurrency && !ready_.empty()) {
    const LanePtr lane = std::move(ready_.front());
    ready_.pop_front();
    if (!PassesGate(lane)) continue;
    ++delivering_;
    Spawn(Deliver(shared_from_this(), lane));
  }
}

async::Task<void> DispatcherCore::Deliver(Self self, LanePtr lane) {
  co_await DeliverFirst(self, lane);
  --self->delivering_;
  if (self->stopped()) co_return;
  self->ReleaseProbe(lane);
  self->Pump();
}

async::Task<void> DispatcherCore::DeliverFirst(Self self, LanePtr lane) {
  if (std::chrono::steady_clock::now() + self->options_.delivery_timeout > lane->lease_until) {
    const auto ours = co_await Reclaim(self, lane);
    if (self->stopped()) co_return;
    if (ours.ok() && !*ours) {
      self->Drop(lane);
      co_return;
    }
    if (!ours.ok()) {  // our own database is away: the lane waits for it
      co_await BackOff(self, lane, lane->rows.begin()->first, ours.status());
      co_return;
    }
  }
  const auto position = lane->rows.begin()->first;
  const OutboxRow row = lane->rows.begin()->second;
  const auto status = co_await Call(self, row);
  if (self->aborted_) co_return;
  self->OnGateResult(lane, row.callee, status);
  co_await Settle(self, lane, position, status);
}

async::Task<absl::Status> DispatcherCore::Call(Self self, OutboxRow row) {
  const auto kind = self->kinds_.find(row.kind);
  // Written by another release: kept until one comes that knows it.
  if (kind == self->kinds_.end()) co_return absl::ResourceExhaustedError("no handler for this kind of hand-off");
  try {
    co_return co_await kind->second.deliver(core::Deadline::After(self->options_.delivery_timeout), row);
  } catch (const std::exception&) {
    co_return absl::InternalError("the handler threw");
  }
}

async::Task<void> DispatcherCore::Settle(Self self, LanePtr lane, std::int64_t position, absl::Status status) {
  auto found = lane->rows.find(position);
  if (found == lane->rows.end()) {  // settled elsewhere while its lease had lapsed
    self->GoOn(lane);
    co_return;
  }
  auto verdict = Judge(status);
  if (verdict == Verdict::kAgainLimited && ++lane->hard_failures >= self->options_.max_attempts) {
    verdict = Verdict::kRefused;
  }
  if (verdict == Verdict::kDone) {
    self->OnDone(lane, position);
    co_return;
  }
  if (verdict == Verdict::kRefused) {
    status = co_await Refuse(self, lane, position, status);
    if (self->aborted_ || status.ok()) co_return;
    found = lane->rows.find(position);
    if (found == lane->rows.end()) {
      self->GoOn(lane);
      co_return;
    }
  }
  self->metrics_.Add(metric::kHandoffRetriesTotal, found->second.kind, 1);
  self->Spawn(BackOff(self, lane, position, status));  // without a place among those in delivery
}

void DispatcherCore::OnDone(const LanePtr& lane, std::int64_t position) {
  const OutboxRow& row = lane->rows[position];
  metrics_.Add(metric::kHandoffsTotal, row.kind, 1);
  metrics_.Observe(metric::kHandoffSeconds, row.kind, absl::ToDoubleSeconds(absl::Now() - row.created));
  done_.emplace_back(lane->aggregate, position);
  held_ -= lane->rows.erase(position);
  lane->hard_failures = 0;
  if (!deleting_) {
    deleting_ = true;
    Spawn(Delete(shared_from_this()));
  }
  GoOn(lane);
}

void DispatcherCore::GoOn(const LanePtr& lane) {
  if (!lane->rows.empty()) {
    MakeReady(lane);
  } else if (lane->overflow && !stopped()) {
    Spawn(Refill(shared_from_this(), lane));
  } else {
    Drop(lane);
  }
}

async::Task<void> DispatcherCore::Refill(Self self, LanePtr lane) {
  const auto ours = co_await Reclaim(self, lane);
  if (self->stopped()) co_return;
  if (ours.ok() && *ours) {
    self->MakeReady(lane);
  } else {
    self->Drop(lane);
  }
}

void DispatcherCore::Drop(const LanePtr& lane) {
  held_ -= lane->rows.size();
  lane->rows.clear();
  lane->busy = false;
  const auto found = lanes_.find(lane->aggregate);
  if (found != lanes_.end() && found->second == lane) lanes_.erase(found);
}

async::Task<void> DispatcherCore::BackOff(Self self, LanePtr lane, std::int64_t position, absl::Status status) {
  auto found = lane->rows.find(position);
  if (self->stopped() || found == lane->rows.end()) co_return;
  auto delay = self->Jittered(++found->second.attempts);
  if (IsGap(status)) {
    // An earlier row is missing here: its commit's outcome was unknown, or it came while there was no room.
    const auto ours = co_await Reclaim(self, lane);
    if (self->stopped()) co_return;
    if (ours.ok() && !*ours) {
      self->Drop(lane);
      co_return;
    }
    if (ours.ok() && lane->rows.begin()->first < position) delay = std::chrono::milliseconds(0);
  }
  if (self->Crowded() && lane->hard_failures == 0) {
    co_await PutBack(self, lane, delay);
    co_return;
  }
  const auto callee = lane->rows.begin()->second.callee;
  Gate& gate = self->gates_[callee];
  if (gate.closed()) {
    self->Park(gate, callee, lane);
    co_return;
  }
  co_await Pause(self, delay);
  if (!self->stopped()) self->MakeReady(lane);
}

async::Task<void> DispatcherCore::PutBack(Self self, LanePtr lane, std::chrono::milliseconds delay) {
  const auto& [position, row] = *lane->rows.begin();
  auto params = Params().Text(self->instance_).Text(lane->aggregate).Int(position).Int(row.attempts).Int(delay.count());
  // If this fails the leases lapse by themselves. Rows committed meanwhile stay out of the way until then.
  (void)co_await self->database_.Query(Soon(), outbox::kPutBack, std::move(params));
  if (!self->aborted_) self->Drop(lane);
}

async::Task<void> DispatcherCore::Delete(Self self) {
  while (!self->done_.empty() && !self->aborted_) {
    std::vector<std::string> aggregates;
    std::vector<std::int64_t> positions;
    const auto count = std::min(self->done_.size(), kDeleteBatch);
    for (std::size_t i = 0; i < count; ++i) {
      aggregates.push_back(self->done_[i].first);
      positions.push_back(self->done_[i].second);
    }
    auto params = Params().TextArray(aggregates).IntArray(positions);
    const auto rows = co_await self->database_.Query(Soon(), outbox::kDelete, std::move(params));
    if (self->aborted_) break;
    if (rows.ok()) {
      self->done_.erase(self->done_.begin(), self->done_.begin() + static_cast<std::ptrdiff_t>(count));
    } else if (self->stopping_) {
      break;  // they are delivered again, and the callee's inbox knows them
    } else {
      co_await Pause(self, std::chrono::milliseconds(200));
    }
  }
  self->deleting_ = false;
}

}  // namespace haven::store
