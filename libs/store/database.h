#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/metrics.h"
#include "libs/store/rows.h"
#include "libs/store/statement.h"
#include "libs/store/status.h"

namespace haven::store {

struct DatabaseOptions {
  std::string dsn;                  // libpq connection string or URI
  std::string role;                 // SET ROLE after connecting; empty = stay the login role
  std::string schema;               // search_path; empty = the server's default
  int connections = 8;              // most connections; at least 2. Grows from two as load asks for it
  int pipeline_depth = 32;          // statements in flight on one shared connection before callers queue here
  std::size_t max_waiting = 10000;  // callers queued for a connection before RESOURCE_EXHAUSTED
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds min_backoff{50};  // between attempts to reconnect: doubles, with full jitter
  std::chrono::milliseconds max_backoff{1000};
  std::chrono::milliseconds idle_close{60000};         // a connection beyond two is closed when idle for so long
  std::chrono::milliseconds cancel_grace{2000};        // from cancelling an overdue statement to closing its connection
  std::chrono::milliseconds statement_timeout{60000};  // the server's own backstop
  std::chrono::milliseconds idle_in_transaction_timeout{10000};  // frees locks of a client cut off in mid-transaction
};

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

// A statement queued in a Transaction.
class Pending {
 public:
  Pending() = default;
  // Defined after the Flush or Commit that carried it has returned OK.
  const Rows& rows() const { return *rows_; }

 private:
  friend class Transaction;
  friend class TransactionState;
  explicit Pending(std::shared_ptr<Rows> rows) : rows_(std::move(rows)) {}
  std::shared_ptr<Rows> rows_;
};

class TransactionState;

// One transaction on a connection of its own. Statements are queued and travel together: BEGIN rides with the first
// Flush, COMMIT with the last statements, so that "lock, read | decide | write, write, hand off, commit" costs two
// round trips. After an error the transaction is dead: every later call returns that error; let it go out of scope.
// Destroyed without a Commit it rolls back (asynchronously; the connection returns to the pool afterwards).
// Use only from the loop, one call at a time. While holding one, do not Begin another nor call Database::Query: the
// pool could then wait for itself. All waits end at the deadline given to Begin.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  ~Transaction();

  // Adds a statement to the next Flush or Commit; sends nothing.
  Pending Queue(const Statement& statement, Params params = {});
  // Sends what is queued, waits for every result: one round trip. The first statement's error, if any.
  async::Task<absl::Status> Flush();
  // Queue and Flush of one statement (and of whatever was queued before it).
  async::Task<absl::StatusOr<Rows>> Query(const Statement& statement, Params params = {});
  // Flushes and commits in one round trip. OK: durable. Error: rolled back, unless OutcomeUnknown(status).
  async::Task<absl::Status> Commit();
  // Runs on the loop once the commit is known, in order of registration, before Commit returns; also if the caller has
  // given up waiting by then. Not run on rollback or unknown outcome. Must not throw nor block.
  void OnCommit(std::function<void()> hook);

  core::Deadline deadline() const;

 private:
  friend class Database;
  explicit Transaction(std::shared_ptr<TransactionState> state);
  std::shared_ptr<TransactionState> state_;
};

class DatabaseCore;

// A pool of pipelined connections to PostgreSQL for one service (one role, one schema). Lives on the loop: construct,
// use and destroy it there. Connecting happens on a thread of its own (name look-up and SCRAM would stall the loop).
// While the server is away calls fail at once with UNAVAILABLE; reconnecting goes on in the background.
class Database {
 public:
  Database(boost::asio::any_io_executor executor, DatabaseOptions options, StoreMetrics& metrics = NoMetrics());
  ~Database();  // what is in flight ends with UNAVAILABLE
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Waits until the server has accepted a connection. UNAVAILABLE with the last failure if it has not by then.
  async::Task<absl::Status> Ready(core::Deadline deadline);

  // One statement, committed by itself. Many share a connection, each with a Sync of its own, so that neither errors
  // nor transactions mix; calls on different connections share flushes of the write-ahead log. Two concurrent calls may
  // run in either order. `statement` must have static lifetime.
  async::Task<absl::StatusOr<Rows>> Query(core::Deadline deadline, const Statement& statement, Params params = {});

  // Takes a connection (may wait for one); sends nothing yet.
  async::Task<absl::StatusOr<Transaction>> Begin(core::Deadline deadline,
                                                 Isolation isolation = Isolation::kReadCommitted);

  // True while at least one connection stands.
  bool Health() const;
  // Refuses new calls, waits for those running, closes. What remains at the deadline ends with UNAVAILABLE.
  async::Task<void> Close(core::Deadline deadline);

  const DatabaseOptions& options() const;
  boost::asio::any_io_executor executor() const;
  StoreMetrics& metrics() const;

 private:
  static async::Task<absl::StatusOr<Transaction>> BeginOn(std::shared_ptr<DatabaseCore> core, core::Deadline deadline,
                                                          Isolation isolation);

  std::shared_ptr<DatabaseCore> core_;
};

}  // namespace haven::store
