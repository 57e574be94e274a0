#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/events/codec.h"
#include "libs/redis/stream_reader.h"

namespace haven::events {

// An event and the place in the stream just after it.
struct Received {
  redis::StreamCursor cursor;
  Event event;
};
using ReceivedPtr = std::shared_ptr<const Received>;

// Called on the loop; must not block. A handler may end its own subscription or another one.
struct Handlers {
  // Each event once, in order.
  std::function<void(const ReceivedPtr&)> on_event;
  // Events between the last one and `now` are lost: take a snapshot; what follows comes after `now`.
  std::function<void(const redis::StreamCursor& now)> on_reset;
};

struct FanoutOptions {
  redis::StreamReaderOptions reader;
  std::size_t keep = 10'000;  // newest events kept in memory for those who come back with a cursor
  std::size_t batch = 100;    // events handed out before the loop turns
};

struct FanoutStats {
  std::uint64_t events = 0;
  std::uint64_t malformed = 0;  // skipped
  std::uint64_t resets = 0;
  std::uint64_t failures = 0;  // of reading; each is followed by a back-off
  std::size_t subscribers = 0;
};

// One reader of the hub's stream per process, handing each event to all who subscribed. Loop's thread only.
class Fanout {
 public:
  // Reads from the stream's end at the time of the first connection, until Close. Null if the target cannot be parsed.
  static std::unique_ptr<Fanout> Create(boost::asio::any_io_executor executor, FanoutOptions options);
  ~Fanout();  // Close
  Fanout(const Fanout&) = delete;
  Fanout& operator=(const Fanout&) = delete;

  // OK once there is a cursor; DEADLINE_EXCEEDED, or UNAVAILABLE if closed.
  async::Task<absl::Status> WaitReady(core::Deadline deadline);

  // Everything up to here has been handed out. A snapshot taken after reading this misses nothing that follows it.
  // UNAVAILABLE before the stream was first reached.
  absl::StatusOr<redis::StreamCursor> Cursor() const;

  class Subscription;
  struct Subscribed {
    std::unique_ptr<Subscription> subscription;  // ends when destroyed
    // The events between the given cursor and now, oldest first; handlers are called for later ones.
    std::vector<ReceivedPtr> missed;
    // The given cursor is unknown or too old: `missed` is empty; take a snapshot.
    bool reset = false;
    // Where the subscription starts, after `missed`: read before any snapshot that the caller takes from now on.
    redis::StreamCursor now;
  };
  // UNAVAILABLE before the stream was first reached.
  absl::StatusOr<Subscribed> Subscribe(const redis::StreamCursor& since, Handlers handlers);

  FanoutStats Stats() const;
  void Close();

 private:
  class Impl;
  explicit Fanout(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// Handle of a subscription.
class Fanout::Subscription {
 public:
  explicit Subscription(std::shared_ptr<Handlers> handlers) : handlers_(std::move(handlers)) {}
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  // The fan-out holds a weak reference.
  std::shared_ptr<Handlers> handlers_;
};

}  // namespace haven::events
