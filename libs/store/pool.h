#pragma once

// Private to libs/store: the pool behind Database.

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "libs/store/connection.h"
#include "libs/store/database.h"

namespace haven::store {

class DatabaseCore final : public ConnectionOwner, public std::enable_shared_from_this<DatabaseCore> {
 public:
  DatabaseCore(boost::asio::any_io_executor executor, DatabaseOptions options, StoreMetrics& metrics);
  ~DatabaseCore() override;

  // A caller waiting for a connection of its own.
  struct Waiter {
    explicit Waiter(const std::shared_ptr<DatabaseCore>& core) : core(core), finished(core->executor) {}
    ~Waiter();  // gives back a connection that nobody took
    std::weak_ptr<DatabaseCore> core;
    std::shared_ptr<Connection> connection;
    absl::Status status;
    bool abandoned = false;
    Signal finished;
  };

  void Start() { Grow(); }
  // Why a new call is refused now: closed, server away, too many waiting.
  absl::Status Admit();
  void Submit(std::shared_ptr<Batch> batch);          // an autocommitted statement
  void Submit(std::shared_ptr<Waiter> waiter);        // for a transaction
  void Abandon(const std::shared_ptr<Batch>& batch);  // its caller has given up
  void Abandon(const std::shared_ptr<Waiter>& waiter);
  // Takes back the connection of a transaction that has ended or is being rolled back.
  void Release(const std::shared_ptr<Connection>& connection);
  void Pump();
  void Shutdown(const absl::Status& why);

  bool Healthy() const { return !connections_.empty(); }
  bool Quiet() const;
  const absl::Status& last_failure() const { return last_failure_; }
  void BeginClosing() { closing_ = true; }
  // Set at the first connection that stands from now on.
  std::shared_ptr<Signal> NextConnection();

  const boost::asio::any_io_executor executor;
  const DatabaseOptions options;
  StoreMetrics& metrics;

  void OnProgress() override { Pump(); }
  void OnLost(const std::shared_ptr<Connection>& connection, const absl::Status& why) override;
  void OffLoop(std::function<void()> work, std::function<void()> done) override;

 private:
  std::shared_ptr<Connection> PickShared() const;
  std::shared_ptr<Connection> PickExclusive() const;
  void ServeTransactions();
  void ServeStatements();
  void DropWaiting(const absl::Status& why);
  void CloseSpoiled();
  void Remove(const std::shared_ptr<Connection>& connection);
  void Grow();
  void OnConnected(absl::StatusOr<PgConnection> connection);
  void RetryLater();
  void CloseIdle();
  std::size_t waiting() const { return statements_.size() + transactions_.size(); }

  std::vector<std::shared_ptr<Connection>> connections_;
  std::deque<std::shared_ptr<Batch>> statements_;
  std::deque<std::shared_ptr<Waiter>> transactions_;
  std::vector<std::shared_ptr<Signal>> on_connection_;
  std::size_t abandoned_ = 0;  // among the waiting
  bool closing_ = false;
  bool connecting_ = false;
  bool away_ = false;         // no connection, and the last attempt failed
  bool cannot_grow_ = false;  // the last attempt failed while others stand
  int failures_ = 0;
  absl::Status last_failure_;
  std::minstd_rand jitter_{std::random_device{}()};
  boost::asio::steady_timer retry_;
  boost::asio::steady_timer idle_;
  std::atomic<bool> stop_{false};
  boost::asio::thread_pool connector_{1};
  std::optional<boost::asio::thread_pool> canceller_;  // of its own: a cancel never waits behind a connect
};

}  // namespace haven::store
