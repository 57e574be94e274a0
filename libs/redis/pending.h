#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/core/deadline.h"
#include "libs/redis/value.h"

namespace haven::redis {

using TimePoint = core::Deadline::TimePoint;

// One call that waits for one reply or several. Lives in the frame of the coroutine that waits, so a command allocates
// nothing of its own; what points here lets go before the coroutine is resumed.
struct Waiter {
  Waiter(std::span<Value> replies, core::Deadline until) : out(replies), deadline(until.at()) {}

  std::span<Value> out;  // filled from the front
  std::size_t filled = 0;
  TimePoint deadline;
  absl::Status status;
  std::string unsent;           // encoded, while there is no connection
  std::uint64_t first_end = 0;  // place in the connection's output where the first command ends
  std::uint64_t first_slot = 0;
  // Resumes the coroutine.
  std::optional<boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type> handler;
};

// The replies that one connection owes, oldest first. A slot whose caller has gone stays until its reply comes.
class PendingReplies {
 public:
  bool empty() const { return slots_.empty(); }
  std::size_t size() const { return slots_.size(); }
  // When the oldest command was issued.
  TimePoint oldest() const { return slots_.front().since; }

  // Adds a slot per reply of `waiter`; null: one slot whose reply nobody wants.
  void Push(Waiter* waiter, TimePoint now);

  struct Taken {
    bool wanted = false;
    Waiter* complete = nullptr;  // has all its replies now
  };
  // Gives the next reply to the slot it belongs to. Not to be called when empty.
  Taken Take(Value& reply);

  // Removes callers whose deadline has come and appends them to `ended`; returns the earliest of the deadlines that are
  // left.
  TimePoint Expire(TimePoint now, std::vector<Waiter*>& ended);
  // Removes everything.
  void Drop(std::vector<Waiter*>& ended);

 private:
  struct Slot {
    Waiter* waiter;
    TimePoint since;
  };
  void Abandon(const Waiter& waiter);

  std::deque<Slot> slots_;
  std::uint64_t front_ = 0;  // number of the first slot
};

}  // namespace haven::redis
