#include "libs/store/transaction.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::store {
namespace {

constexpr Statement kBegin{"haven_begin", "BEGIN"};
constexpr Statement kBeginRepeatable{"haven_begin_repeatable", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
constexpr Statement kBeginSerializable{"haven_begin_serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE"};
constexpr Statement kCommit{"haven_commit", "COMMIT"};
constexpr Statement kRollback{"haven_rollback", "ROLLBACK"};

const Statement& BeginOf(Isolation isolation) {
  switch (isolation) {
    case Isolation::kRepeatableRead:
      return kBeginRepeatable;
    case Isolation::kSerializable:
      return kBeginSerializable;
    case Isolation::kReadCommitted:
      break;
  }
  return kBegin;
}

absl::Status EndedError() {
  return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "the transaction has ended");
}

Batch::Item ItemOf(const Statement& statement, Params params = {}) {
  return {&statement, std::move(params), std::make_shared<Rows>()};
}

}  // namespace

TransactionState::TransactionState(std::shared_ptr<DatabaseCore> core, std::shared_ptr<Connection> connection,
                                   core::Deadline deadline, Isolation isolation)
    : core_(std::move(core)), connection_(std::move(connection)), deadline_(deadline), isolation_(isolation) {}

Pending TransactionState::Queue(const Statement& statement, Params params) {
  if (params.holds_nul() && dead_.ok()) dead_ = core::InvalidField("text", "must not hold a NUL character");
  queued_.push_back(ItemOf(statement, std::move(params)));
  return Pending(queued_.back().rows);
}

std::shared_ptr<Batch> TransactionState::TakeQueued() {
  auto batch = std::make_shared<Batch>(core_->executor);
  if (!begun_) batch->items.push_back(ItemOf(BeginOf(isolation_)));
  for (auto& item : queued_) batch->items.push_back(std::move(item));
  queued_.clear();
  return batch;
}

async::Task<absl::Status> TransactionState::Flush(std::shared_ptr<TransactionState> self) {
  if (self->dead_.ok() && self->ended_) self->dead_ = EndedError();
  if (!self->dead_.ok()) co_return self->dead_;
  if (self->queued_.empty()) co_return absl::OkStatus();
  co_return co_await Run(self, self->TakeQueued());
}

async::Task<absl::Status> TransactionState::Commit(std::shared_ptr<TransactionState> self) {
  if (self->dead_.ok() && self->ended_) self->dead_ = EndedError();
  if (!self->dead_.ok()) co_return self->dead_;
  if (!self->begun_ && self->queued_.empty()) {  // nothing was ever asked of the server
    self->OnCommitEnded(absl::OkStatus());
    co_return absl::OkStatus();
  }
  auto batch = self->TakeQueued();
  batch->items.push_back(ItemOf(kCommit));
  batch->commits = true;
  self->committing_ = true;
  batch->on_finished = [self, raw = batch.get()] { self->OnCommitEnded(raw->status); };
  co_return co_await Run(self, std::move(batch));
}

async::Task<absl::Status> TransactionState::Run(std::shared_ptr<TransactionState> self, std::shared_ptr<Batch> batch) {
  if (self->deadline_.Expired()) {
    self->committing_ = false;
    co_return self->dead_ = DeadlineError(Outcome::kNone);
  }
  if (!self->connection_->open()) {
    self->committing_ = false;
    co_return self->dead_ = UnavailableError("connection lost", Outcome::kNone);
  }
  const auto start = std::chrono::steady_clock::now();
  self->begun_ = true;
  self->connection_->Send(batch);
  if (!co_await batch->finished.Wait(self->deadline_)) {
    self->core_->Abandon(batch);
    co_return self->dead_ = DeadlineError(batch->commits ? Outcome::kUnknown : Outcome::kNone);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  self->core_->metrics.Observe(metric::kFlushSeconds, batch->commits ? "commit" : "flush", took.count());
  if (!batch->status.ok()) {
    // A cancel meant for a statement before ours on this connection.
    self->dead_ = batch->repeatable ? core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE,
                                                      "cut off by another call's cancellation; repeat")
                                    : batch->status;
  }
  co_return self->dead_;
}

void TransactionState::OnCommitEnded(const absl::Status& status) {
  committing_ = false;
  if (!status.ok()) {
    // Rolled back by the error, but the server's transaction is open until it is told so.
    if (dead_.ok()) dead_ = status;
    if (left_) Leave();
    return;
  }
  ended_ = true;
  for (auto& hook : std::exchange(hooks_, {})) hook();
  Release();
}

void TransactionState::Release() {
  if (connection_) core_->Release(std::exchange(connection_, nullptr));
}

void TransactionState::Leave() {
  left_ = true;
  queued_.clear();
  if (!connection_ || committing_) return;  // OnCommitEnded goes on
  if (!begun_ || !connection_->open()) {
    Release();
    return;
  }
  auto batch = std::make_shared<Batch>(core_->executor);
  batch->items.push_back(ItemOf(kRollback));
  batch->on_finished = [self = shared_from_this()] { self->Release(); };
  batch->abandoned = true;  // nobody waits: the connection watches over it
  begun_ = false;
  connection_->Send(std::move(batch));
  connection_->Watch();
}

}  // namespace haven::store
