#pragma once

// Private to libs/store: one pipelined connection on the loop.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/store/database.h"
#include "libs/store/pg.h"

namespace haven::store {

// Wakes one coroutine, once; remembered if nobody waits yet.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}
  void Set() {
    set_ = true;
    timer_.cancel();
  }
  bool IsSet() const { return set_; }
  // False at the deadline. Goes on when the waiting coroutine is cancelled: what is in flight completes.
  boost::asio::awaitable<bool> Wait(core::Deadline deadline);

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

// The statements up to one Sync: they travel together, and an error skips the rest.
struct Batch {
  struct Item {
    const Statement* statement;
    Params params;
    std::shared_ptr<Rows> rows;  // filled with the result
  };
  explicit Batch(const boost::asio::any_io_executor& executor) : finished(executor) {}

  std::vector<Item> items;
  bool commits = false;    // its loss leaves the outcome unknown
  bool abandoned = false;  // nobody waits for it any more
  bool sent = false;
  bool repeatable = false;  // failed without effect through no fault of its own
  absl::Status status;
  std::function<void()> on_finished;  // before the waiter wakes
  Signal finished;
};

class Connection;

// What a connection needs of its pool.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void OnProgress() = 0;  // a batch has ended: there may be room for callers that wait
  virtual void OnLost(const std::shared_ptr<Connection>& connection, const absl::Status& why) = 0;
  // Runs `work` off the loop, then `done` on it.
  virtual void OffLoop(std::function<void()> work, std::function<void()> done) = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(const boost::asio::any_io_executor& executor, PgConnection connection, ConnectionOwner* owner,
             const DatabaseOptions* options, StoreMetrics* metrics);
  ~Connection();

  void Start();
  void Send(std::shared_ptr<Batch> batch);
  // To be called when a batch on its way here was abandoned: cancels it when it holds up the others, and closes the
  // connection if that does not help.
  void Watch();
  // Ends everything in flight with `why`; tells nobody.
  void Close(const absl::Status& why);

  bool open() const { return connection_ != nullptr; }
  std::size_t in_flight() const { return in_flight_; }
  bool spoiled() const { return spoiled_; }
  bool cancelling() const { return cancelling_; }
  // Nothing in flight, no transaction open, no cancel on its way: fit for the next transaction.
  bool Clean() const;
  core::Deadline::TimePoint last_used() const { return last_used_; }
  // How long a new statement would wait behind others: their number, and far more if the first is a slow one.
  std::size_t Load(core::Deadline::TimePoint now) const;
  bool Slow() const { return Load(std::chrono::steady_clock::now()) > kSlowLoad; }

  bool exclusive = false;  // held by a transaction

 private:
  static constexpr std::size_t kSlowLoad = 1'000'000;
  enum class StepKind { kPrepare, kExecute, kSync };
  struct Step {
    StepKind kind;
    bool answered;
    std::size_t item;
    std::shared_ptr<Batch> batch;
  };
  struct Prepared {
    std::string_view sql;
    std::string server_name;
  };
  enum class WatchStage { kNone, kBeforeCancel, kBeforeClose };

  bool NamesAreOurs(Batch& batch) const;
  bool SendItem(const std::shared_ptr<Batch>& batch, std::size_t index);
  bool SendPrepare(const std::shared_ptr<Batch>& batch, std::size_t index);
  void FlushOutput();
  void ArmRead();
  void OnReadable();
  void Process();
  void OnResult(PgResult result);
  void OnItemResult(Step& step, PgResult result);
  void OnError(Step& step, const PGresult* result);
  void FinishFront();
  void Fail(const absl::Status& why);
  void ArmWatch(std::chrono::milliseconds delay);
  void OnWatch();
  void StartCancel();

  PgConnection connection_;
  ConnectionOwner* owner_;
  const DatabaseOptions* options_;
  StoreMetrics* metrics_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer watch_;
  WatchStage stage_ = WatchStage::kNone;
  std::shared_ptr<Batch> watched_;
  std::deque<Step> steps_;
  std::size_t in_flight_ = 0;                                 // batches
  absl::flat_hash_map<std::string_view, Prepared> prepared_;  // by name, a constant of static lifetime
  int generation_ = 0;                                        // of names at the server
  bool write_armed_ = false;
  bool spoiled_ = false;
  bool cancelling_ = false;
  core::Deadline::TimePoint last_used_;
  core::Deadline::TimePoint head_since_;  // since when the first batch in flight is the first
};

}  // namespace haven::store
