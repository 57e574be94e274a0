#include "libs/store/database.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/transaction.h"

namespace haven::store {
namespace {

namespace asio = boost::asio;

// A statement cut off by another one's cancel, or sent before its preparation failed, is sent again.
constexpr int kTries = 3;

using Core = std::shared_ptr<DatabaseCore>;

async::Task<absl::StatusOr<Rows>> RunStatement(Core core, core::Deadline deadline, const Statement* statement,
                                               Params params) {
  if (params.holds_nul()) co_return core::InvalidField("text", "must not hold a NUL character");
  const auto start = std::chrono::steady_clock::now();
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    status = core->Admit();
    if (!status.ok()) co_return status;
    if (deadline.Expired()) co_return DeadlineError(Outcome::kNone);
    auto batch = std::make_shared<Batch>(core->executor);
    auto rows = std::make_shared<Rows>();
    batch->items.push_back({statement, std::move(params), rows});
    batch->commits = true;
    core->Submit(batch);
    if (!co_await batch->finished.Wait(deadline)) {
      core->Abandon(batch);
      co_return DeadlineError(batch->sent ? Outcome::kUnknown : Outcome::kNone);
    }
    status = batch->status;
    if (status.ok()) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      core->metrics.Observe(metric::kStatementSeconds, statement->name, took.count());
      co_return std::move(*rows);
    }
    if (!batch->repeatable) break;
    params = std::move(batch->items[0].params);
  }
  co_return status;
}

async::Task<absl::Status> TakeConnection(Core core, core::Deadline deadline,
                                         std::shared_ptr<DatabaseCore::Waiter> waiter) {
  auto status = core->Admit();
  if (!status.ok()) co_return status;
  if (deadline.Expired()) co_return DeadlineError(Outcome::kNone);
  core->Submit(waiter);
  if (!co_await waiter->finished.Wait(deadline)) {
    core->Abandon(waiter);
    co_return DeadlineError(Outcome::kNone);
  }
  co_return waiter->status;
}

async::Task<absl::Status> WaitReady(Core core, core::Deadline deadline) {
  while (!core->Healthy()) {
    const auto signal = core->NextConnection();
    if (!co_await signal->Wait(deadline)) {
      co_return core->last_failure().ok() ? DeadlineError(Outcome::kNone) : core->last_failure();
    }
  }
  co_return absl::OkStatus();
}

async::Task<void> WaitClosed(Core core, core::Deadline deadline) {
  core->BeginClosing();
  asio::steady_timer pause(core->executor);
  while (!core->Quiet() && !deadline.Expired()) {
    pause.expires_after(std::chrono::milliseconds(2));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  core->Shutdown(UnavailableError("closed", Outcome::kNone));
}

}  // namespace

Transaction::Transaction(std::shared_ptr<TransactionState> state) : state_(std::move(state)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this != &other && state_) state_->Leave();
  state_ = std::move(other.state_);
  return *this;
}
Transaction::~Transaction() {
  if (state_) state_->Leave();
}

Pending Transaction::Queue(const Statement& statement, Params params) {
  return state_->Queue(statement, std::move(params));
}

async::Task<absl::Status> Transaction::Flush() {
  return TransactionState::Flush(state_);
}

namespace {
async::Task<absl::StatusOr<Rows>> RunInTransaction(std::shared_ptr<TransactionState> state, Pending pending) {
  auto status = co_await TransactionState::Flush(state);
  if (!status.ok()) co_return status;
  co_return pending.rows();
}
}  // namespace

async::Task<absl::StatusOr<Rows>> Transaction::Query(const Statement& statement, Params params) {
  return RunInTransaction(state_, state_->Queue(statement, std::move(params)));
}

async::Task<absl::Status> Transaction::Commit() {
  return TransactionState::Commit(state_);
}

void Transaction::OnCommit(std::function<void()> hook) {
  state_->OnCommit(std::move(hook));
}

core::Deadline Transaction::deadline() const {
  return state_->deadline();
}

Database::Database(asio::any_io_executor executor, DatabaseOptions options, StoreMetrics& metrics)
    : core_(std::make_shared<DatabaseCore>(std::move(executor), std::move(options), metrics)) {
  core_->Start();
}

Database::~Database() {
  core_->Shutdown(UnavailableError("closed", Outcome::kNone));
}

async::Task<absl::Status> Database::Ready(core::Deadline deadline) {
  return WaitReady(core_, deadline);
}

async::Task<absl::StatusOr<Rows>> Database::Query(core::Deadline deadline, const Statement& statement, Params params) {
  return RunStatement(core_, deadline, &statement, std::move(params));
}

async::Task<absl::StatusOr<Transaction>> Database::Begin(core::Deadline deadline, Isolation isolation) {
  return BeginOn(core_, deadline, isolation);
}

async::Task<absl::StatusOr<Transaction>> Database::BeginOn(std::shared_ptr<DatabaseCore> core, core::Deadline deadline,
                                                           Isolation isolation) {
  auto waiter = std::make_shared<DatabaseCore::Waiter>(core);
  const auto status = co_await TakeConnection(core, deadline, waiter);
  if (!status.ok()) co_return status;
  auto connection = std::exchange(waiter->connection, nullptr);
  co_return Transaction(std::make_shared<TransactionState>(core, std::move(connection), deadline, isolation));
}

bool Database::Health() const {
  return core_->Healthy();
}

async::Task<void> Database::Close(core::Deadline deadline) {
  return WaitClosed(core_, deadline);
}

const DatabaseOptions& Database::options() const {
  return core_->options;
}
asio::any_io_executor Database::executor() const {
  return core_->executor;
}
StoreMetrics& Database::metrics() const {
  return core_->metrics;
}

}  // namespace haven::store
