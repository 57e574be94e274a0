#pragma once

// Private to libs/store: the state behind Dispatcher.

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/store/database.h"
#include "libs/store/outbox.h"

namespace haven::store {

class DispatcherCore : public std::enable_shared_from_this<DispatcherCore> {
 public:
  DispatcherCore(Database& database, DispatcherOptions options, core::Random& random);

  void Register(std::string kind, HandoffKind handler) { kinds_[std::move(kind)] = std::move(handler); }
  void Start();
  void Append(Transaction& tx, Handoff handoff);
  static async::Task<void> Drain(std::shared_ptr<DispatcherCore> self, core::Deadline deadline);
  void Abort();
  std::size_t held() const { return held_; }

 private:
  static constexpr int kGateFailures = 5;
  using Self = std::shared_ptr<DispatcherCore>;
  using TimePoint = core::Deadline::TimePoint;

  // The rows of one aggregate held here, by position; the first is the next to go.
  struct Lane {
    std::string aggregate;
    std::map<std::int64_t, OutboxRow> rows;
    TimePoint lease_until;  // of the row whose lease ends first
    bool busy = false;      // in delivery, queued in ready_, waiting for its time, or parked at a closed gate
    bool overflow = false;  // a row was left in the table for want of room: no later one is taken in front of it
    int hard_failures = 0;  // of the first row, in a row
  };
  using LanePtr = std::shared_ptr<Lane>;

  // Whether a callee is worth calling: closed after failures in a row, then tried with one row at a time.
  struct Gate {
    int failures = 0;  // UNAVAILABLE or DEADLINE_EXCEEDED in a row
    LanePtr probe;     // the one let through while closed
    bool probe_scheduled = false;
    std::deque<LanePtr> parked;
    bool closed() const { return failures >= kGateFailures; }
  };

  // Rows coming in (dispatcher_in.cc).
  void Take(std::int64_t position, OutboxRow row, TimePoint lease_until);
  void TakeAll(const Rows& rows, TimePoint lease_until);
  static async::Task<void> Poll(Self self);
  // How many heads more could be due now.
  static async::Task<bool> ClaimDue(Self self);
  // Renews the lease of a lane, and brings it to what the table holds. False if it is not ours any more.
  static async::Task<absl::StatusOr<bool>> Reclaim(Self self, LanePtr lane);
  static async::Task<void> Report(Self self);

  // Rows going out (dispatcher_out.cc).
  enum class Verdict { kDone, kAgain, kAgainLimited, kRefused };
  static Verdict Judge(const absl::Status& status);
  void MakeReady(const LanePtr& lane);
  void Pump();
  static async::Task<void> Deliver(Self self, LanePtr lane);
  static async::Task<void> DeliverFirst(Self self, LanePtr lane);
  static async::Task<absl::Status> Call(Self self, OutboxRow row);
  static async::Task<void> Settle(Self self, LanePtr lane, std::int64_t position, absl::Status status);
  void OnDone(const LanePtr& lane, std::int64_t position);
  static async::Task<void> BackOff(Self self, LanePtr lane, std::int64_t position, absl::Status status);
  static async::Task<void> PutBack(Self self, LanePtr lane, std::chrono::milliseconds delay);
  static async::Task<void> Delete(Self self);
  static async::Task<void> Refill(Self self, LanePtr lane);
  void GoOn(const LanePtr& lane);  // with its next row, if it has one
  // Rows that wait for their time must not crowd out those that could go.
  bool Crowded() const { return held_ > static_cast<std::size_t>(options_.max_held) * 3 / 4; }
  void Drop(const LanePtr& lane);

  // Rows refused for good (dispatcher_refuse.cc).
  static async::Task<absl::Status> Refuse(Self self, LanePtr lane, std::int64_t position, absl::Status status);
  static async::Task<absl::Status> RefuseInTransaction(Self self, OutboxRow row, std::int64_t position,
                                                       absl::Status status);

  // Callees that are away (dispatcher_gate.cc).
  bool PassesGate(const LanePtr& lane);
  void ReleaseProbe(const LanePtr& lane);
  void OnGateResult(const LanePtr& lane, const std::string& callee, const absl::Status& status);
  void Park(Gate& gate, const std::string& callee, const LanePtr& lane);
  static async::Task<void> Probe(Self self, std::string callee);
  std::vector<std::string> ClosedCallees() const;

  // Drain waits for what runs here.
  void Spawn(async::Task<void> task);
  static async::Task<void> Counted(Self self, async::Task<void> task);
  // Ended early by Stop.
  static async::Task<void> Pause(Self self, std::chrono::milliseconds span);
  void Stop();
  bool stopped() const { return stopping_ || aborted_; }
  std::chrono::milliseconds Jittered(int attempts);
  static core::Deadline Soon() { return core::Deadline::After(std::chrono::seconds(5)); }

  Database& database_;
  const DispatcherOptions options_;
  const boost::asio::any_io_executor executor_;
  StoreMetrics& metrics_;
  std::string instance_;
  std::minstd_rand jitter_;
  std::map<std::string, HandoffKind> kinds_;
  std::unordered_map<std::string, LanePtr> lanes_;
  std::deque<LanePtr> ready_;
  std::map<std::string, Gate> gates_;
  std::vector<std::pair<std::string, std::int64_t>> done_;  // to be deleted
  std::size_t held_ = 0;                                    // rows
  int delivering_ = 0;
  int running_ = 0;
  bool deleting_ = false;
  bool started_ = false;
  bool stopping_ = false;  // draining
  bool aborted_ = false;   // the Dispatcher is gone: touch nothing of its surroundings
  std::set<boost::asio::steady_timer*> pauses_;
};

}  // namespace haven::store
