#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "services/channels/store/event_log.h"

namespace haven::channels {

struct EventRelayOptions {
  std::size_t max_held = 10'000;  // events in memory; the others wait in the table
  std::size_t batch = 200;        // events per round trip to Redis and per deletion
  std::chrono::milliseconds poll_interval{1000};
  // Rows older than this are taken up by polling: of a process that died, or that could not hold them.
  std::chrono::milliseconds orphan_after{2000};
  std::chrono::milliseconds min_backoff{50};
  std::chrono::milliseconds max_backoff{2000};
};

// Appends what is committed to the stream, in batches, from memory; polling is the safety net. Two processes may both
// append an orphan: consumers know events by id. While Redis is away events wait in SQL and nothing else waits for
// them.
class EventRelay final : public EventLog {
 public:
  // Appends to the stream; OK when all are there. As events::Publisher::Append.
  using Publish = std::function<async::Task<absl::Status>(core::Deadline, std::vector<events::v1::Event>)>;

  EventRelay(async::Loop& loop, store::Database& database, Publish publish, const core::Clock& clock,
             core::Random& random, EventRelayOptions options);

  void Append(store::Transaction& tx, std::vector<events::v1::Event> events) override;

  void Start();
  // Ends after the batch in progress; what is left stays in the table for the next start.
  async::Task<void> Drain(core::Deadline deadline);

  std::size_t held() const { return pending_.size(); }

 private:
  async::Task<void> Run();
  async::Task<absl::Status> Poll();
  async::Task<absl::Status> PublishBatch(std::vector<events::v1::Event> batch);

  store::Database& database_;
  Publish publish_;
  const core::Clock& clock_;
  core::Random& random_;
  EventRelayOptions options_;
  std::deque<events::v1::Event> pending_;
  async::Notifier wake_;
  async::TaskGroup tasks_;
};

}  // namespace haven::channels
