#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/redis.h"

namespace haven::redis {

// An entry's id, "milliseconds-number" in text. Ordered.
struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  friend auto operator<=>(const StreamId&, const StreamId&) = default;
  std::string ToString() const;
  static std::optional<StreamId> Parse(std::string_view text);
};

// A place in a stream: everything up to and including `id` has been seen. `generation` names the life of the data that
// the id belongs to: an id alone would be accepted by a server that was flushed or replaced, and skip silently.
struct StreamCursor {
  std::string generation;
  StreamId id;

  friend bool operator==(const StreamCursor&, const StreamCursor&) = default;
  // Opaque text for clients to hand back ("generation@id"); Parse accepts only that.
  std::string ToString() const;
  static std::optional<StreamCursor> Parse(std::string_view text);
};

struct StreamEntry {
  StreamId id;
  std::vector<std::pair<std::string, std::string>> fields;  // in the order they were added
};

struct StreamReaderOptions {
  RedisOptions redis;  // max_pending and wait_while_down have no meaning here
  std::string stream;
  // A key whose value is part of the generation (written anew by whoever restores the data); empty: only the server's
  // run_id.
  std::string generation_key;
  // A blocking read is renewed this often, so that a changed generation is noticed while nothing is written.
  std::chrono::milliseconds block_slice{1000};
};

// Reads one stream on a connection of its own. One call at a time. Connects when first used and again after a failure.
class StreamReader {
 public:
  static std::unique_ptr<StreamReader> Create(boost::asio::any_io_executor executor, StreamReaderOptions options);
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // The place after the newest entry. Take it before the snapshot that it belongs to: overlap repeats, never skips.
  async::Task<absl::StatusOr<StreamCursor>> Tail(core::Deadline deadline);

  // At most `count` entries after `cursor`, waiting for the first one; empty when the deadline comes first.
  // OUT_OF_RANGE: the server has been flushed, restarted or replaced since the cursor was taken, or entries after it
  // have been trimmed: take a new Tail and a snapshot. UNAVAILABLE: try again later; this does no back-off.
  async::Task<absl::StatusOr<std::vector<StreamEntry>>> Read(core::Deadline deadline, StreamCursor cursor,
                                                             std::size_t count);

  // A call in progress ends with UNAVAILABLE; later ones too. Idempotent.
  void Close();

 private:
  class Impl;
  explicit StreamReader(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace haven::redis
