#include "libs/store/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

namespace asio = boost::asio;

// An overdue statement that ends by itself within this needs no cancel (which costs the server a connection).
constexpr std::chrono::milliseconds kBeforeCancel{250};
// A statement that has run for so long is not one to queue behind.
constexpr std::chrono::milliseconds kSlow{50};

absl::Status NameUsedTwice(const Statement& statement) {
  return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG,
                         Cat("two statements are named ", statement.name));
}

void EndBatch(Batch& batch) {
  if (batch.on_finished) std::exchange(batch.on_finished, nullptr)();
  batch.finished.Set();
}

bool SameSql(std::string_view a, std::string_view b) {
  return a.data() == b.data() || a == b;
}

}  // namespace

asio::awaitable<bool> Signal::Wait(core::Deadline deadline) {
  while (!set_ && !deadline.Expired()) {
    timer_.expires_at(deadline.at());
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return set_;
}

Connection::Connection(const asio::any_io_executor& executor, PgConnection connection, ConnectionOwner* owner,
                       const DatabaseOptions* options, StoreMetrics* metrics)
    : connection_(std::move(connection)),
      owner_(owner),
      options_(options),
      metrics_(metrics),
      descriptor_(executor),
      watch_(executor),
      last_used_(std::chrono::steady_clock::now()) {}

Connection::~Connection() {
  Close(UnavailableError("closed", Outcome::kNone));
}

void Connection::Start() {
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  descriptor_.assign(PQsocket(connection_.get()));
  ArmRead();
}

bool Connection::Clean() const {
  return open() && !spoiled_ && in_flight_ == 0 && !cancelling_ &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

std::size_t Connection::Load(core::Deadline::TimePoint now) const {
  return in_flight_ > 0 && now - head_since_ > kSlow ? in_flight_ + kSlowLoad : in_flight_;
}

void Connection::Send(std::shared_ptr<Batch> batch) {
  if (!NamesAreOurs(*batch)) {
    asio::post(descriptor_.get_executor(), [batch] { EndBatch(*batch); });
    return;
  }
  batch->sent = true;
  last_used_ = std::chrono::steady_clock::now();
  if (in_flight_++ == 0) head_since_ = last_used_;
  bool ok = true;
  for (std::size_t i = 0; ok && i < batch->items.size(); ++i) ok = SendItem(batch, i);
  ok = ok && PQpipelineSync(connection_.get());
  // The step is there even if sending failed: Fail ends the batches it finds in steps_.
  steps_.push_back({StepKind::kSync, false, 0, std::move(batch)});
  if (!ok) {
    // From a handler of its own: the sender does not expect to be called back from within Send.
    asio::post(descriptor_.get_executor(),
               [self = shared_from_this()] { self->Fail(UnavailableError("connection lost", Outcome::kNone)); });
    return;
  }
  FlushOutput();
}

// A name stands for one SQL text; a second one under it is refused before anything of the batch is sent.
bool Connection::NamesAreOurs(Batch& batch) const {
  for (const auto& item : batch.items) {
    const auto known = prepared_.find(std::string_view(item.statement->name));
    if (known == prepared_.end() || SameSql(known->second.sql, item.statement->sql)) continue;
    batch.status = NameUsedTwice(*item.statement);
    return false;
  }
  return true;
}

bool Connection::SendItem(const std::shared_ptr<Batch>& batch, std::size_t index) {
  const Statement& statement = *batch->items[index].statement;
  const Params& params = batch->items[index].params;
  if (!prepared_.contains(std::string_view(statement.name)) && !SendPrepare(batch, index)) return false;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const auto& value : params.values_) {
    values.push_back(value.null ? nullptr : params.buffer_.data() + value.offset);
    lengths.push_back(static_cast<int>(value.size));
    formats.push_back(value.binary ? 1 : 0);
  }
  steps_.push_back({StepKind::kExecute, false, index, batch});
  const std::string& name = prepared_.find(std::string_view(statement.name))->second.server_name;
  return PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()), values.data(),
                             lengths.data(), formats.data(), 1) != 0;
}

bool Connection::SendPrepare(const std::shared_ptr<Batch>& batch, std::size_t index) {
  const Statement& statement = *batch->items[index].statement;
  std::string name = generation_ == 0 ? statement.name : Cat(statement.name, "~", generation_);
  // Taken back if it fails.
  const auto entry =
      prepared_.emplace(std::string_view(statement.name), Prepared{statement.sql, std::move(name)}).first;
  steps_.push_back({StepKind::kPrepare, false, index, batch});
  return PQsendPrepare(connection_.get(), entry->second.server_name.c_str(), statement.sql, 0, nullptr) != 0;
}

void Connection::FlushOutput() {
  if (write_armed_ || !open() || PQflush(connection_.get()) != 1) return;
  write_armed_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->write_armed_ = false;
                           if (!error) self->FlushOutput();
                         });
}

void Connection::ArmRead() {
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error && self->open()) self->OnReadable();
                         });
}

void Connection::OnReadable() {
  const bool alive = PQconsumeInput(connection_.get()) != 0;
  Process();  // what arrived before the end still counts
  if (!open()) return;
  if (!alive || PQstatus(connection_.get()) == CONNECTION_BAD) {
    Fail(UnavailableError("connection lost", Outcome::kNone));
    return;
  }
  FlushOutput();
  ArmRead();
}

void Connection::Process() {
  bool progress = false;
  int nothing = 0;  // NULLs in a row: one ends each statement, more mean that libpq waits for input
  while (open() && !steps_.empty() && nothing < 3 && !PQisBusy(connection_.get())) {
    PgResult result(PQgetResult(connection_.get()));
    if (result) {
      nothing = 0;
      progress = true;
      OnResult(std::move(result));
    } else {
      ++nothing;
      if (steps_.front().answered && steps_.front().kind != StepKind::kSync) steps_.pop_front();
    }
  }
  if (progress && open()) {
    Watch();
    owner_->OnProgress();
  }
}

void Connection::OnResult(PgResult result) {
  Step& step = steps_.front();
  const bool first = !step.answered;
  step.answered = true;
  switch (PQresultStatus(result.get())) {
    case PGRES_PIPELINE_SYNC:
      FinishFront();
      return;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      if (first) OnItemResult(step, std::move(result));
      return;
    case PGRES_PIPELINE_ABORTED:
      if (step.kind == StepKind::kPrepare) prepared_.erase(step.batch->items[step.item].statement->name);
      return;
    default:
      OnError(step, result.get());
  }
}

void Connection::OnItemResult(Step& step, PgResult result) {
  if (step.kind != StepKind::kExecute) return;
  Batch::Item& item = step.batch->items[step.item];
  if (step.batch->commits && std::string_view(PQcmdStatus(result.get())) == "ROLLBACK" && step.batch->status.ok()) {
    step.batch->status = core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE, "rolled back");
  }
  *item.rows = Rows(result.release());
}

void Connection::OnError(Step& step, const PGresult* result) {
  Batch& batch = *step.batch;
  const std::string_view state = SqlStateOf(result);
  const bool at_sync = step.kind == StepKind::kSync;
  const char* name = at_sync ? "commit" : batch.items[step.item].statement->name;
  const bool stale = PlanIsStale(result);
  if (step.kind == StepKind::kPrepare || state == "26000" || stale) prepared_.erase(std::string_view(name));
  if (stale) ++generation_;  // the server keeps the old one: prepared under another name next time
  if (SpoilsConnection(state)) spoiled_ = true;
  metrics_->Add(metric::kErrorsTotal, state, 1);
  if (state.empty()) return;  // libpq's own words for a lost connection; Fail follows
  if (!batch.status.ok()) return;
  // A server that ends the session may have committed just before (it says so only in a warning).
  batch.status = batch.commits && state.starts_with("57P") ? UnavailableError("session ended", Outcome::kUnknown)
                                                           : ErrorOf(result, name);
  batch.repeatable = Repeatable(state) || stale;
}

void Connection::FinishFront() {
  const std::shared_ptr<Batch> batch = std::move(steps_.front().batch);
  steps_.pop_front();
  --in_flight_;
  head_since_ = last_used_ = std::chrono::steady_clock::now();
  EndBatch(*batch);
}

void Connection::Fail(const absl::Status& why) {
  if (!open()) return;
  const auto self = shared_from_this();
  Close(why);
  owner_->OnLost(self, why);
}

void Connection::Close(const absl::Status& why) {
  if (!open()) return;
  watch_.cancel();
  watched_.reset();
  if (descriptor_.is_open()) {
    descriptor_.cancel();
    descriptor_.release();  // the socket is libpq's to close
  }
  connection_.reset();
  const std::string message(why.message());
  std::deque<Step> steps = std::move(steps_);
  steps_.clear();
  in_flight_ = 0;
  for (Step& step : steps) {
    if (step.kind != StepKind::kSync) continue;
    Batch& batch = *step.batch;
    // An error the server has told for this batch stands: it was rolled back.
    if (batch.status.ok()) {
      batch.status = batch.commits ? UnavailableError("connection lost", Outcome::kUnknown) : why;
    }
    EndBatch(batch);
  }
}

void Connection::Watch() {
  if (!open()) return;
  const auto head = steps_.empty() || !steps_.front().batch->abandoned ? nullptr : steps_.front().batch;
  if (head == watched_) return;
  watched_ = head;
  stage_ = head ? WatchStage::kBeforeCancel : WatchStage::kNone;
  if (head) {
    ArmWatch(kBeforeCancel);
  } else {
    watch_.cancel();
  }
}

void Connection::ArmWatch(std::chrono::milliseconds delay) {
  watch_.expires_after(delay);
  watch_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->open()) self->OnWatch();
  });
}

void Connection::OnWatch() {
  if (steps_.empty() || watched_ == nullptr || steps_.front().batch != watched_) {
    Watch();
  } else if (stage_ == WatchStage::kBeforeCancel) {
    stage_ = WatchStage::kBeforeClose;
    StartCancel();
    ArmWatch(options_->cancel_grace);
  } else {
    metrics_->Add(metric::kCancelsTotal, "close", 1);
    Fail(UnavailableError("a statement could not be ended", Outcome::kNone));
  }
}

void Connection::StartCancel() {
  if (cancelling_) return;
  std::shared_ptr<PGcancel> cancel(PQgetCancel(connection_.get()), [](PGcancel* c) { PQfreeCancel(c); });
  if (!cancel) return;
  cancelling_ = true;
  metrics_->Add(metric::kCancelsTotal, "cancel", 1);
  owner_->OffLoop(
      [cancel] {
        char error[256];
        PQcancel(cancel.get(), error, sizeof error);
      },
      [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->cancelling_ = false;
        if (self->open()) self->owner_->OnProgress();
      });
}

}  // namespace haven::store
