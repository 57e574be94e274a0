#include "services/channels/store/event_relay.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "libs/core/log.h"

namespace haven::channels {
namespace {

using store::Params;
using store::Statement;

constexpr std::chrono::milliseconds kStepTimeout{5000};

constexpr Statement kInsertEvents{
    "insert_events", "INSERT INTO event_outbox (id, payload) SELECT * FROM unnest($1::uuid[], $2::bytea[])"};
constexpr Statement kDeleteEvents{"delete_events", "DELETE FROM event_outbox WHERE id = ANY($1::uuid[])"};
constexpr Statement kOrphanEvents{
    "orphan_events",
    "SELECT payload FROM event_outbox WHERE created_time < now() - $1 * interval '1 millisecond' ORDER BY id LIMIT $2"};

const core::Logger& Log() {
  static const core::Logger logger("channels");
  return logger;
}

}  // namespace

EventRelay::EventRelay(async::Loop& loop, store::Database& database, Publish publish, const core::Clock& clock,
                       core::Random& random, EventRelayOptions options)
    : database_(database),
      publish_(std::move(publish)),
      clock_(clock),
      random_(random),
      options_(options),
      tasks_(loop, "channels.events") {}

void EventRelay::Append(store::Transaction& tx, std::vector<events::v1::Event> events) {
  if (events.empty()) return;
  std::vector<std::string> ids;
  std::vector<std::string> payloads;
  const absl::Time now = clock_.Now();
  for (events::v1::Event& event : events) {
    event.set_id(core::NewUuid(clock_, random_));
    event.mutable_event_time()->set_seconds(absl::ToUnixSeconds(now));
    event.mutable_event_time()->set_nanos(
        static_cast<int>(absl::ToInt64Nanoseconds(now - absl::FromUnixSeconds(absl::ToUnixSeconds(now)))));
    ids.push_back(event.id());
    payloads.push_back(event.SerializeAsString());
  }
  tx.Queue(kInsertEvents, Params().UuidArray(ids).BytesArray(payloads));
  tx.OnCommit([this, events = std::make_shared<std::vector<events::v1::Event>>(std::move(events))] {
    if (pending_.size() + events->size() > options_.max_held) return;
    std::move(events->begin(), events->end(), std::back_inserter(pending_));
    wake_.NotifyAll();
  });
}

void EventRelay::Start() {
  tasks_.Spawn(Run());
}

async::Task<void> EventRelay::Drain(core::Deadline deadline) {
  co_await tasks_.Drain(deadline);
}

async::Task<absl::Status> EventRelay::PublishBatch(std::vector<events::v1::Event> batch) {
  std::vector<std::string> ids;
  for (const auto& event : batch) ids.push_back(event.id());
  const auto deadline = core::Deadline::After(kStepTimeout);
  if (auto status = co_await publish_(deadline, std::move(batch)); !status.ok()) co_return status;
  Params params;
  params.UuidArray(ids);
  auto deleted = co_await database_.Query(deadline, kDeleteEvents, std::move(params));
  co_return deleted.status();
}

async::Task<absl::Status> EventRelay::Poll() {
  const auto limit = static_cast<std::int64_t>(options_.batch);
  for (std::int64_t found = limit; found == limit;) {
    Params params;
    params.Int(options_.orphan_after.count()).Int(limit);
    auto rows = co_await database_.Query(core::Deadline::After(kStepTimeout), kOrphanEvents, std::move(params));
    if (!rows.ok()) co_return rows.status();
    found = rows->size();
    if (found == 0) break;
    std::vector<events::v1::Event> batch(static_cast<std::size_t>(found));
    for (int i = 0; i < rows->size(); ++i) batch[static_cast<std::size_t>(i)].ParseFromString(rows->Bytes(i, 0));
    if (auto status = co_await PublishBatch(std::move(batch)); !status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

async::Task<void> EventRelay::Run() {
  auto backoff = options_.min_backoff;
  auto next_poll = core::Deadline::After(std::chrono::milliseconds(0));
  while (!co_await async::Cancelled()) {
    absl::Status status;
    if (next_poll.Expired()) {
      status = co_await Poll();
      next_poll = core::Deadline::After(options_.poll_interval);
    }
    if (status.ok() && !pending_.empty()) {
      const auto count = std::min(pending_.size(), options_.batch);
      std::vector<events::v1::Event> batch(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
      status = co_await PublishBatch(std::move(batch));
      if (status.ok()) pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (!status.ok()) {
      Log().Warning("event_relay_waits", {{"status", status}});
      if (!co_await async::Sleep(backoff)) break;
      backoff = std::min(backoff * 2, options_.max_backoff);
      continue;
    }
    backoff = options_.min_backoff;
    if (pending_.empty()) co_await wake_.Wait(next_poll);
  }
}

}  // namespace haven::channels
