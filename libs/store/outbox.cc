#include "libs/store/outbox.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/store/dispatcher.h"
#include "libs/store/outbox_sql.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

namespace asio = boost::asio;

std::string RandomName(core::Random& random) {
  std::string raw(8, '\0');
  random.Fill(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
  return Hex(raw);
}

Params AppendParams(const Handoff& handoff, std::string_view instance, std::chrono::milliseconds lease) {
  return Params()
      .Text(handoff.aggregate)
      .Text(handoff.callee)
      .Text(handoff.kind)
      .Bytes(handoff.payload)
      .Text(instance)
      .Int(lease.count());
}

}  // namespace

void AppendHandoff(Transaction& tx, Handoff handoff) {
  tx.Queue(outbox::kAppend, AppendParams(handoff, "", std::chrono::milliseconds(0)));
}

DispatcherCore::DispatcherCore(Database& database, DispatcherOptions options, core::Random& random)
    : database_(database),
      options_(std::move(options)),
      executor_(database.executor()),
      metrics_(database.metrics()),
      instance_(options_.instance.empty() ? RandomName(random) : options_.instance) {
  unsigned char seed[4];
  random.Fill(seed, sizeof seed);
  jitter_.seed(seed[0] | seed[1] << 8 | seed[2] << 16 | static_cast<unsigned>(seed[3]) << 24);
}

void DispatcherCore::Start() {
  started_ = true;
  Spawn(Poll(shared_from_this()));
  Spawn(Report(shared_from_this()));
}

void DispatcherCore::Append(Transaction& tx, Handoff handoff) {
  // The lease runs from the transaction's beginning at the server, which is not before now.
  const auto lease_until = std::chrono::steady_clock::now() + options_.lease;
  const auto row =
      tx.Queue(outbox::kAppend, AppendParams(handoff, started_ && !stopped() ? instance_ : "", options_.lease));
  tx.OnCommit([weak = weak_from_this(), row, lease_until, handoff = std::move(handoff)]() mutable {
    const auto self = weak.lock();
    if (!self || self->stopped() || row.rows().empty() || !row.rows().Bool(0, 3)) return;
    OutboxRow out;
    out.aggregate = std::move(handoff.aggregate);
    out.callee = std::move(handoff.callee);
    out.sequence = row.rows().Int(0, 1);
    out.previous = row.rows().Int(0, 2);
    out.kind = std::move(handoff.kind);
    out.payload = std::move(handoff.payload);
    out.created = row.rows().Time(0, 4);
    self->Take(row.rows().Int(0, 0), std::move(out), lease_until);
  });
}

void DispatcherCore::Spawn(async::Task<void> task) {
  ++running_;
  // From a handler of its own: co_spawn would begin at once, in the middle of whatever calls this.
  asio::post(executor_, [self = shared_from_this(), task = std::move(task)]() mutable {
    asio::co_spawn(self->executor_, Counted(self, std::move(task)), asio::detached);
  });
}

async::Task<void> DispatcherCore::Counted(Self self, async::Task<void> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception& e) {
    // Of a handler: ours do not throw. Its lane stays busy until the process ends; its lease lapses.
    if (!self->aborted_) self->metrics_.Note("handoff_handler_threw", e.what());
  }
  --self->running_;
}

async::Task<void> DispatcherCore::Pause(Self self, std::chrono::milliseconds span) {
  if (self->stopped()) co_return;
  asio::steady_timer timer(self->executor_, span);
  self->pauses_.insert(&timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  self->pauses_.erase(&timer);
}

void DispatcherCore::Stop() {
  stopping_ = true;
  for (auto* timer : pauses_) timer->cancel();
}

void DispatcherCore::Abort() {
  aborted_ = true;
  Stop();
}

std::chrono::milliseconds DispatcherCore::Jittered(int attempts) {
  const auto limit = std::min<std::int64_t>(options_.max_backoff.count(), options_.min_backoff.count()
                                                                              << std::clamp(attempts - 1, 0, 16));
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(limit / 2, limit)(jitter_));
}

async::Task<void> DispatcherCore::Drain(Self self, core::Deadline deadline) {
  self->Stop();
  asio::steady_timer pause(self->executor_);
  while ((self->running_ > 0 || !self->done_.empty()) && !deadline.Expired()) {
    pause.expires_after(std::chrono::milliseconds(2));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (self->started_) (void)co_await self->database_.Query(deadline, outbox::kGiveUp, Params().Text(self->instance_));
}

Dispatcher::Dispatcher(Database& database, DispatcherOptions options, core::Random& random)
    : core_(std::make_shared<DispatcherCore>(database, std::move(options), random)) {}
Dispatcher::~Dispatcher() {
  core_->Abort();
}
void Dispatcher::Register(std::string kind, HandoffKind handler) {
  core_->Register(std::move(kind), std::move(handler));
}
void Dispatcher::Start() {
  core_->Start();
}
async::Task<void> Dispatcher::Drain(core::Deadline deadline) {
  return DispatcherCore::Drain(core_, deadline);
}
void Dispatcher::Append(Transaction& tx, Handoff handoff) {
  core_->Append(tx, std::move(handoff));
}
std::size_t Dispatcher::held() const {
  return core_->held();
}

}  // namespace haven::store
