#include <algorithm>

#include "libs/store/dispatcher.h"
#include "libs/store/outbox_sql.h"

namespace haven::store {
namespace {

constexpr std::int64_t kMostHeads = 128;

std::pair<std::int64_t, OutboxRow> RowOf(const Rows& rows, int i) {
  OutboxRow row;
  row.aggregate = rows.Text(i, 0);
  row.callee = rows.Text(i, 2);
  row.sequence = rows.Int(i, 3);
  row.previous = rows.Int(i, 4);
  row.kind = rows.Text(i, 5);
  row.payload = rows.Bytes(i, 6);
  row.created = rows.Time(i, 7);
  row.attempts = static_cast<int>(rows.Int(i, 8));
  return {rows.Int(i, 1), std::move(row)};
}

}  // namespace

void DispatcherCore::Take(std::int64_t position, OutboxRow row, TimePoint lease_until) {
  const bool full = held_ >= static_cast<std::size_t>(options_.max_held);
  const auto found = lanes_.find(row.aggregate);
  if (found == lanes_.end()) {
    if (full) return;  // found by a poll when its lease has lapsed
    auto lane = std::make_shared<Lane>();
    lane->aggregate = row.aggregate;
    lane->lease_until = lease_until;
    lane->rows.emplace(position, std::move(row));
    ++held_;
    lanes_.emplace(lane->aggregate, lane);
    MakeReady(lane);
    return;
  }
  Lane& lane = *found->second;
  const auto known = lane.rows.find(position);
  if (known != lane.rows.end()) {
    row.attempts = std::max(row.attempts, known->second.attempts);
    known->second = std::move(row);
  } else if (full || lane.overflow) {
    lane.overflow = true;
  } else {
    lane.lease_until = std::min(lane.lease_until, lease_until);
    lane.rows.emplace(position, std::move(row));
    ++held_;
  }
}

void DispatcherCore::TakeAll(const Rows& rows, TimePoint lease_until) {
  std::vector<std::pair<std::int64_t, OutboxRow>> taken;
  for (int i = 0; i < rows.size(); ++i) taken.push_back(RowOf(rows, i));
  std::sort(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [position, row] : taken) Take(position, std::move(row), lease_until);
}

async::Task<void> DispatcherCore::Poll(Self self) {
  // What a former process of this name held is ours.
  Params mine;
  mine.Text(self->instance_);
  const auto given_up = co_await self->database_.Query(Soon(), outbox::kGiveUp, std::move(mine));
  (void)given_up;
  while (!self->stopped()) {
    const bool claimed = co_await ClaimDue(self);
    if (!claimed) co_await Pause(self, self->options_.poll_interval);
  }
}

async::Task<bool> DispatcherCore::ClaimDue(Self self) {
  const auto room = static_cast<std::int64_t>(self->options_.max_held) - static_cast<std::int64_t>(self->held_);
  const auto most = std::min(kMostHeads, room / 4);
  if (most <= 0 || self->stopped()) co_return false;
  const auto lease_until = std::chrono::steady_clock::now() + self->options_.lease;
  auto params =
      Params().Text(self->instance_).Int(self->options_.lease.count()).Int(most).TextArray(self->ClosedCallees());
  const auto rows = co_await self->database_.Query(Soon(), outbox::kClaim, std::move(params));
  if (self->stopped() || !rows.ok()) co_return false;
  self->TakeAll(*rows, lease_until);
  co_return rows->size() >= most;
}

async::Task<absl::StatusOr<bool>> DispatcherCore::Reclaim(Self self, LanePtr lane) {
  std::vector<std::int64_t> before;
  for (const auto& [position, row] : lane->rows) before.push_back(position);
  const auto lease_until = std::chrono::steady_clock::now() + self->options_.lease;
  auto params = Params().Text(self->instance_).Int(self->options_.lease.count()).Text(lane->aggregate);
  const auto rows = co_await self->database_.Query(Soon(), outbox::kClaimOne, std::move(params));
  if (self->aborted_) co_return false;
  if (!rows.ok()) co_return rows.status();
  // Rows held from before that are not in the table are done, or somebody else's. Rows committed meanwhile stay.
  for (const auto position : before) self->held_ -= lane->rows.erase(position);
  lane->overflow = false;
  lane->lease_until = lease_until;
  self->TakeAll(*rows, lease_until);
  co_return !lane->rows.empty();
}

async::Task<void> DispatcherCore::Report(Self self) {
  const std::string schema = self->database_.options().schema;
  while (!self->stopped()) {
    const auto rows = co_await self->database_.Query(Soon(), outbox::kDepth);
    if (self->stopped()) co_return;
    if (rows.ok()) {
      self->metrics_.Set(metric::kOutboxRows, schema, static_cast<double>(rows->Int(0, 0)));
      self->metrics_.Set(metric::kOutboxOldestSeconds, schema, rows->Float(0, 1));
    }
    co_await Pause(self, std::chrono::seconds(10));
  }
}

}  // namespace haven::store
