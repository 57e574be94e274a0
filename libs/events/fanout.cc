#include "libs/events/fanout.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/redis/backoff.h"

namespace haven::events {
namespace {

namespace asio = boost::asio;
using redis::StreamCursor;

// How long one Read waits for an event; nothing happens at its end.
constexpr auto kReadFor = std::chrono::seconds(30);

absl::Status NotReady() {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         "the stream of events has not been reached yet");
}

}  // namespace

class Fanout::Impl {
 public:
  Impl(FanoutOptions options, std::unique_ptr<redis::StreamReader> reader)
      : options_(std::move(options)), reader_(std::move(reader)), backoff_(options_.reader.redis) {}

  static async::Task<void> Run(std::shared_ptr<Impl> self) {
    while (!self->closed_.IsSet()) {
      const auto status = co_await self->Step();
      if (self->closed_.IsSet()) break;
      if (status.ok()) {
        self->backoff_.Reset();
        continue;
      }
      ++self->stats_.failures;
      co_await self->closed_.Wait(core::Deadline::After(self->backoff_.Next()));
    }
  }

  static async::Task<absl::Status> WaitReady(std::shared_ptr<Impl> self, core::Deadline deadline) {
    const bool ready = co_await self->ready_.Wait(deadline);
    if (self->position_) co_return absl::OkStatus();
    if (ready) co_return NotReady();  // closed
    co_return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                              "the stream of events was not reached in time");
  }

  absl::StatusOr<StreamCursor> Cursor() const {
    if (!position_) return NotReady();
    return *position_;
  }

  absl::StatusOr<Subscribed> Subscribe(const StreamCursor& since, Handlers handlers) {
    if (!position_) return NotReady();
    auto shared = std::make_shared<Handlers>(std::move(handlers));
    subscribers_.push_back(shared);
    Subscribed out;
    out.subscription = std::make_unique<Subscription>(std::move(shared));
    out.now = *position_;
    // A cursor ahead of us is of another life of the stream, or made up: believed, it would wait for ever.
    out.reset = since.generation != position_->generation || since.id < kept_after_ || since.id > position_->id;
    if (out.reset) return out;
    const auto first =
        std::upper_bound(kept_.begin(), kept_.end(), since.id,
                         [](const redis::StreamId& id, const ReceivedPtr& item) { return id < item->cursor.id; });
    out.missed.assign(first, kept_.end());
    return out;
  }

  FanoutStats Stats() const {
    auto stats = stats_;
    stats.subscribers = static_cast<std::size_t>(
        std::count_if(subscribers_.begin(), subscribers_.end(), [](const auto& weak) { return !weak.expired(); }));
    return stats;
  }

  void Close() {
    closed_.Set();
    ready_.Set();
    reader_->Close();
    subscribers_.clear();
  }

 private:
  async::Task<absl::Status> Step() {
    const auto deadline = core::Deadline::After(kReadFor);
    if (!position_) co_return co_await Restart(deadline);
    auto entries = co_await reader_->Read(deadline, *position_, options_.batch);
    if (absl::IsOutOfRange(entries.status())) co_return co_await Restart(deadline);
    if (!entries.ok()) co_return entries.status();
    for (const auto& entry : *entries) {
      if (closed_.IsSet()) break;
      HandOut(entry);
    }
    co_return absl::OkStatus();
  }

  // At first, and when events may have been lost.
  async::Task<absl::Status> Restart(core::Deadline deadline) {
    auto tail = co_await reader_->Tail(deadline);
    if (!tail.ok()) co_return tail.status();
    if (closed_.IsSet()) co_return absl::OkStatus();
    const bool first = !position_.has_value();
    kept_.clear();
    kept_after_ = tail->id;
    position_ = *std::move(tail);
    ready_.Set();
    if (first) co_return absl::OkStatus();
    ++stats_.resets;
    const auto now = *position_;
    ForEach([&](const Handlers& handlers) { handlers.on_reset(now); });
    co_return absl::OkStatus();
  }

  void HandOut(const redis::StreamEntry& entry) {
    position_->id = entry.id;
    auto event = Decode(entry);
    if (!event.ok()) {
      ++stats_.malformed;
      return;
    }
    ++stats_.events;
    const auto received = std::make_shared<const Received>(Received{*position_, *std::move(event)});
    kept_.push_back(received);
    if (kept_.size() > options_.keep) {
      kept_after_ = kept_.front()->cursor.id;
      kept_.pop_front();
    }
    ForEach([&](const Handlers& handlers) { handlers.on_event(received); });
  }

  // Those who subscribe meanwhile are not called: they start after the present event.
  template <class F>
  void ForEach(F call) {
    const auto count = subscribers_.size();
    bool gone = false;
    for (std::size_t i = 0; i < count && i < subscribers_.size(); ++i) {
      const auto handlers = subscribers_[i].lock();
      handlers ? call(*handlers) : static_cast<void>(gone = true);
    }
    if (gone) std::erase_if(subscribers_, [](const auto& weak) { return weak.expired(); });
  }

  const FanoutOptions options_;
  std::unique_ptr<redis::StreamReader> reader_;
  redis::Backoff backoff_;
  async::Event ready_;  // has a position, or is closed
  async::Event closed_;

  std::optional<StreamCursor> position_;
  std::deque<ReceivedPtr> kept_;  // ascending
  redis::StreamId kept_after_;    // all events after this one are in kept_
  std::vector<std::weak_ptr<Handlers>> subscribers_;
  FanoutStats stats_;
};

std::unique_ptr<Fanout> Fanout::Create(asio::any_io_executor executor, FanoutOptions options) {
  auto reader = redis::StreamReader::Create(executor, options.reader);
  if (!reader) return nullptr;
  auto impl = std::make_shared<Impl>(std::move(options), std::move(reader));
  asio::co_spawn(executor, Impl::Run(impl), asio::detached);
  return std::unique_ptr<Fanout>(new Fanout(std::move(impl)));
}

Fanout::Fanout(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fanout::~Fanout() {
  Close();
}

async::Task<absl::Status> Fanout::WaitReady(core::Deadline deadline) {
  return Impl::WaitReady(impl_, deadline);
}
absl::StatusOr<StreamCursor> Fanout::Cursor() const {
  return impl_->Cursor();
}
absl::StatusOr<Fanout::Subscribed> Fanout::Subscribe(const StreamCursor& since, Handlers handlers) {
  return impl_->Subscribe(since, std::move(handlers));
}
FanoutStats Fanout::Stats() const {
  return impl_->Stats();
}
void Fanout::Close() {
  impl_->Close();
}

}  // namespace haven::events
