#include "libs/store/dispatcher.h"
#include "libs/store/outbox_sql.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

Params ChainParams(const OutboxRow& row) {
  return Params().Text(row.aggregate).Text(row.callee).Int(row.sequence).Int(row.previous);
}

}  // namespace

async::Task<absl::Status> DispatcherCore::Refuse(Self self, LanePtr lane, std::int64_t position, absl::Status status) {
  const OutboxRow row = lane->rows[position];
  const auto removed = co_await RefuseInTransaction(self, row, position, status);
  if (self->aborted_ || !removed.ok()) co_return removed;
  self->metrics_.Add(metric::kHandoffRefusedTotal, row.kind, 1);
  self->metrics_.Note("handoff_refused",
                      Cat(row.kind, " to ", row.callee, ": ", absl::StatusCodeToString(status.code())));
  self->held_ -= lane->rows.erase(position);
  lane->hard_failures = 0;
  // Rows already in memory follow the one before it now, as in the table.
  for (auto& [other, next] : lane->rows) {
    if (next.callee == row.callee && next.previous == row.sequence) next.previous = row.previous;
  }
  self->GoOn(lane);
  co_return absl::OkStatus();
}

async::Task<absl::Status> DispatcherCore::RefuseInTransaction(Self self, OutboxRow row, std::int64_t position,
                                                              absl::Status status) {
  auto tx = co_await self->database_.Begin(core::Deadline::After(self->options_.delivery_timeout));
  if (!tx.ok()) co_return tx.status();
  // First the lock: an Append must see the chain either before or after this, whole.
  tx->Queue(outbox::kLock, Params().Text(row.aggregate));
  tx->Queue(outbox::kSkip, ChainParams(row));
  tx->Queue(outbox::kSkipTail, ChainParams(row));
  tx->Queue(outbox::kRemove, Params().Text(row.aggregate).Int(position));
  tx->Queue(outbox::kRecordRefusal, Params()
                                        .Text(row.aggregate)
                                        .Text(row.callee)
                                        .Int(row.sequence)
                                        .Text(row.kind)
                                        .Text(absl::StatusCodeToString(status.code()))
                                        .Text(std::string(status.message())));
  const auto kind = self->kinds_.find(row.kind);
  if (kind != self->kinds_.end() && kind->second.on_refused) {
    auto fall_back = co_await kind->second.on_refused(*tx, row, status);
    if (!fall_back.ok()) co_return fall_back;
  }
  co_return co_await tx->Commit();
}

}  // namespace haven::store
