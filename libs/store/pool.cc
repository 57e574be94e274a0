#include "libs/store/pool.h"

#include <algorithm>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::store {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kRetryAfter{200};
// Kept open: a slow statement on one does not hold up the next on the other.
constexpr std::size_t kKeep = 2;

DatabaseOptions Checked(DatabaseOptions options) {
  options.connections = std::max(options.connections, 2);
  options.pipeline_depth = std::max(options.pipeline_depth, 1);
  return options;
}

}  // namespace

DatabaseCore::DatabaseCore(asio::any_io_executor executor, DatabaseOptions options, StoreMetrics& metrics)
    : executor(executor), options(Checked(std::move(options))), metrics(metrics), retry_(executor), idle_(executor) {}

DatabaseCore::~DatabaseCore() {
  Shutdown(UnavailableError("closed", Outcome::kNone));
}

DatabaseCore::Waiter::~Waiter() {
  if (!connection) return;
  if (const auto pool = core.lock()) pool->Release(connection);
}

absl::Status DatabaseCore::Admit() {
  if (closing_) return UnavailableError("closing", Outcome::kNone);
  if (away_) {
    metrics.Add(metric::kRejectedTotal, "away", 1);
    return UnavailableError("the server is away", Outcome::kNone);
  }
  if (waiting() - abandoned_ >= options.max_waiting) {
    metrics.Add(metric::kRejectedTotal, "full", 1);
    return core::LimitError(errors::v1::REASON_OVERLOADED, "too many callers wait for the database", kRetryAfter);
  }
  return absl::OkStatus();
}

void DatabaseCore::Submit(std::shared_ptr<Batch> batch) {
  statements_.push_back(std::move(batch));
  Pump();
}

void DatabaseCore::Submit(std::shared_ptr<Waiter> waiter) {
  transactions_.push_back(std::move(waiter));
  Pump();
}

// Entries stay in the queue until their turn; the queues are swept when most of them are dead.
void DatabaseCore::Abandon(const std::shared_ptr<Batch>& batch) {
  batch->abandoned = true;
  if (batch->sent) {
    for (const auto& connection : connections_) connection->Watch();
    return;
  }
  if (++abandoned_ > 64 && abandoned_ * 2 > waiting()) {
    abandoned_ -= std::erase_if(statements_, [](const auto& b) { return b->abandoned; });
    abandoned_ -= std::erase_if(transactions_, [](const auto& w) { return w->abandoned; });
  }
}

void DatabaseCore::Abandon(const std::shared_ptr<Waiter>& waiter) {
  waiter->abandoned = true;
  ++abandoned_;
}

void DatabaseCore::Release(const std::shared_ptr<Connection>& connection) {
  connection->exclusive = false;
  Pump();
}

void DatabaseCore::Pump() {
  CloseSpoiled();
  ServeTransactions();
  ServeStatements();
  metrics.Set(metric::kWaiting, options.schema, static_cast<double>(waiting() - abandoned_));
}

void DatabaseCore::ServeTransactions() {
  while (!transactions_.empty()) {
    if (transactions_.front()->abandoned) {
      --abandoned_;
      transactions_.pop_front();
      continue;
    }
    auto connection = PickExclusive();
    if (!connection || connection->in_flight() > 0) Grow();
    if (!connection) return;
    const auto waiter = std::move(transactions_.front());
    transactions_.pop_front();
    connection->exclusive = true;
    waiter->connection = std::move(connection);
    waiter->finished.Set();
  }
}

void DatabaseCore::ServeStatements() {
  while (!statements_.empty()) {
    if (statements_.front()->abandoned) {
      --abandoned_;
      statements_.pop_front();
      continue;
    }
    const auto connection = PickShared();
    if (!connection || connection->in_flight() > 0) Grow();
    if (!connection || (connecting_ && connection->Slow())) return;
    auto batch = std::move(statements_.front());
    statements_.pop_front();
    connection->Send(std::move(batch));
  }
}

// The least busy: neighbours in a pipeline wait for each other's commits, different connections share them.
std::shared_ptr<Connection> DatabaseCore::PickShared() const {
  const auto now = std::chrono::steady_clock::now();
  std::shared_ptr<Connection> best;
  for (const auto& c : connections_) {
    if (c->exclusive || c->spoiled() || c->in_flight() >= static_cast<std::size_t>(options.pipeline_depth)) continue;
    if (!best || c->Load(now) < best->Load(now)) best = c;
  }
  return best;
}

// The least busy, behind whose statements the transaction's own will queue: waiting for one at rest could take for
// ever. The last connection not held stays with the single statements, unless there cannot be another.
std::shared_ptr<Connection> DatabaseCore::PickExclusive() const {
  const auto now = std::chrono::steady_clock::now();
  std::shared_ptr<Connection> best;
  std::size_t unheld = 0;
  for (const auto& c : connections_) {
    if (c->exclusive || c->spoiled()) continue;
    ++unheld;
    if (c->cancelling() || (c->in_flight() == 0 && !c->Clean())) continue;
    if (!best || c->Load(now) < best->Load(now)) best = c;
  }
  return unheld >= 2 || cannot_grow_ ? best : nullptr;
}

void DatabaseCore::CloseSpoiled() {
  for (std::size_t i = 0; i < connections_.size();) {
    const auto c = connections_[i];
    const bool unfit = c->spoiled() || (c->in_flight() == 0 && !c->cancelling() && !c->Clean());
    if (c->exclusive || c->in_flight() > 0 || !unfit) {
      ++i;
      continue;
    }
    Remove(c);
    metrics.Add(metric::kConnectionsLostTotal, options.schema, 1);
    c->Close(UnavailableError("connection retired", Outcome::kNone));
    Grow();
  }
}

void DatabaseCore::Remove(const std::shared_ptr<Connection>& connection) {
  std::erase(connections_, connection);
  metrics.Set(metric::kConnections, options.schema, static_cast<double>(connections_.size()));
}

void DatabaseCore::OnLost(const std::shared_ptr<Connection>& connection, const absl::Status& why) {
  Remove(connection);
  metrics.Add(metric::kConnectionsLostTotal, options.schema, 1);
  if (connections_.empty()) metrics.Note("database_lost", std::string(why.message()));
  Grow();
  Pump();
}

// One attempt at a time; the next is decided when it has ended.
void DatabaseCore::Grow() {
  if (connecting_ || closing_ || retry_.expiry() > std::chrono::steady_clock::now()) return;
  if (connections_.size() >= static_cast<std::size_t>(options.connections)) return;
  connecting_ = true;
  auto result = std::make_shared<absl::StatusOr<PgConnection>>(absl::UnknownError(""));
  auto tracked = asio::prefer(executor, asio::execution::outstanding_work.tracked);
  asio::post(connector_, [this, result, tracked, weak = weak_from_this()]() mutable {
    // `this` lives: the destructor joins this thread first.
    *result = OpenSession(options, stop_);
    asio::post(tracked, [result, weak = std::move(weak)] {
      if (const auto self = weak.lock()) self->OnConnected(std::move(*result));
    });
  });
}

void DatabaseCore::OnConnected(absl::StatusOr<PgConnection> opened) {
  connecting_ = false;
  if (closing_ && waiting() == 0) return;
  if (!opened.ok()) {
    last_failure_ = opened.status();
    metrics.Add(metric::kConnectFailuresTotal, options.schema, 1);
    if (connections_.empty()) {
      if (!away_) metrics.Note("database_away", std::string(last_failure_.message()));
      away_ = true;
      DropWaiting(UnavailableError("the server is away", Outcome::kNone));
    }
    cannot_grow_ = !connections_.empty();
    RetryLater();
    Pump();
    return;
  }
  if (away_) metrics.Note("database_back", "");
  away_ = cannot_grow_ = false;
  failures_ = 0;
  auto connection = std::make_shared<Connection>(executor, *std::move(opened), this, &options, &metrics);
  connections_.push_back(connection);
  connection->Start();
  metrics.Set(metric::kConnections, options.schema, static_cast<double>(connections_.size()));
  if (connections_.size() < kKeep) Grow();
  if (connections_.size() == kKeep + 1) CloseIdle();
  for (const auto& signal : std::exchange(on_connection_, {})) signal->Set();
  Pump();
}

// Full jitter: services that lost the same server do not come back in step.
void DatabaseCore::RetryLater() {
  const auto limit =
      std::min<std::int64_t>(options.max_backoff.count(), options.min_backoff.count() << std::min(failures_++, 16));
  const auto wait =
      std::uniform_int_distribution<std::int64_t>(options.min_backoff.count() / 2 + 1, limit + 1)(jitter_);
  retry_.expires_after(std::chrono::milliseconds(wait));
  retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    if (self->connections_.size() < kKeep || self->waiting() > 0) self->Grow();
  });
}

// Once a connection beyond those kept exists: closes the one unused for longest when it is not needed any more.
void DatabaseCore::CloseIdle() {
  idle_.expires_after(options.idle_close / 2);
  idle_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->connections_.size() <= kKeep) return;
    const auto before = std::chrono::steady_clock::now() - self->options.idle_close;
    for (const auto& c : std::vector(self->connections_)) {
      if (self->connections_.size() <= kKeep || c->exclusive || !c->Clean() || c->last_used() > before) continue;
      self->Remove(c);
      c->Close(UnavailableError("idle", Outcome::kNone));
    }
    if (self->connections_.size() > kKeep) self->CloseIdle();
  });
}

void DatabaseCore::OffLoop(std::function<void()> work, std::function<void()> done) {
  if (!canceller_) canceller_.emplace(1);
  auto tracked = asio::prefer(executor, asio::execution::outstanding_work.tracked);
  asio::post(*canceller_, [work = std::move(work), done = std::move(done), tracked]() mutable {
    work();
    asio::post(tracked, std::move(done));
  });
}

bool DatabaseCore::Quiet() const {
  return waiting() == abandoned_ && std::all_of(connections_.begin(), connections_.end(),
                                                [](const auto& c) { return !c->exclusive && c->in_flight() == 0; });
}

std::shared_ptr<Signal> DatabaseCore::NextConnection() {
  on_connection_.push_back(std::make_shared<Signal>(executor));
  return on_connection_.back();
}

void DatabaseCore::DropWaiting(const absl::Status& why) {
  for (const auto& batch : std::exchange(statements_, {})) {
    batch->status = why;
    batch->finished.Set();
  }
  for (const auto& waiter : std::exchange(transactions_, {})) {
    waiter->status = why;
    waiter->finished.Set();
  }
  abandoned_ = 0;
}

void DatabaseCore::Shutdown(const absl::Status& why) {
  closing_ = true;
  retry_.cancel();
  idle_.cancel();
  DropWaiting(why);
  for (const auto& connection : std::exchange(connections_, {})) connection->Close(why);
  stop_ = true;
  connector_.stop();
  connector_.join();
  if (canceller_) {
    canceller_->stop();
    canceller_->join();
  }
}

}  // namespace haven::store
