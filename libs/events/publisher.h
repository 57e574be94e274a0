#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/events/codec.h"
#include "libs/redis/redis.h"

namespace haven::events {

struct PublisherOptions {
  std::string stream;  // StreamKey
  // The stream is trimmed to about this many entries (a node more, at most 100); an entry takes about 150 bytes.
  std::size_t max_entries = 200'000;
};

// Appends events to the hub's stream. Scripts append their own; this is for services that write to SQL.
class Publisher {
 public:
  // `redis` outlives the publisher and its calls.
  Publisher(redis::Redis* redis, PublisherOptions options) : redis_(redis), options_(std::move(options)) {}

  // Appends in order, in one round trip. Not OK: some may have been appended; repeat them all, with the same ids.
  // INVALID_ARGUMENT if one has no id or no kind: a repeat could not be told from a second event.
  async::Task<absl::Status> Append(core::Deadline deadline, std::vector<Event> events);

 private:
  redis::Redis* redis_;
  PublisherOptions options_;
};

}  // namespace haven::events
