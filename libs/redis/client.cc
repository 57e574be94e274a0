#include "libs/redis/client.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/redis/errors.h"
#include "libs/redis/resp.h"

namespace haven::redis {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Handler = decltype(Waiter::handler)::value_type;

// Output kept for reuse between writes; above it the memory is given back.
constexpr std::size_t kKeepOutputBytes = 1024 * 1024;
// A connection is given up only if the loop has had this long to read what may have arrived while it was busy.
constexpr auto kGrace = std::chrono::milliseconds(200);

std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

std::vector<Handler> TakeHandlers(const std::vector<Waiter*>& waiters) {
  std::vector<Handler> handlers;
  handlers.reserve(waiters.size());
  for (auto* waiter : waiters) {
    if (waiter->handler) handlers.push_back(*std::exchange(waiter->handler, std::nullopt));
  }
  return handlers;
}

}  // namespace

Client::Client(asio::any_io_executor executor, RedisOptions options, Target target)
    : executor_(executor),
      options_(std::move(options)),
      dialer_(std::make_shared<Dialer>(executor, options_, std::move(target))),
      backoff_(options_),
      backoff_timer_(executor),
      why_away_(absl::UnavailableError("connecting")),
      wake_timer_(executor) {}

Client::~Client() {
  // Only if the loop was destroyed under us: frees the frames of those who wait, whose handlers are owned by these very
  // frames.
  std::vector<Waiter*> left = std::move(waiting_);
  replies_.Drop(left);
  const auto handlers = TakeHandlers(left);
}

void Client::Start() {
  asio::co_spawn(executor_, Run(shared_from_this()), asio::detached);
}

void Client::Close() {
  if (state_ == State::kClosed) return;
  Lost(absl::UnavailableError("closed"));
  state_ = State::kClosed;
  std::vector<Waiter*> ended = std::exchange(waiting_, {});
  for (auto* waiter : ended) waiter->status = Unavailable("closed", Outcome::kNone);
  ResumeLater(ended);
  waiting_commands_ = waiting_bytes_ = 0;
  dialer_->Close();
  if (channel_) channel_->Close();
  backoff_timer_.cancel();
  wake_timer_.cancel();
  on_connect_.clear();
}

// ---- connection

async::Task<void> Client::Run(std::shared_ptr<Client> self) {
  while (self->state_ != State::kClosed) {
    const auto began = Clock::now();
    self->why_away_ = co_await self->ServeOnce();
    if (self->channel_) self->channel_->Close();
    self->channel_ = nullptr;
    if (self->state_ == State::kClosed) break;
    if (auto* observer = self->observer()) observer->Disconnected(self->why_away_);
    // A connection that is lost as soon as it is made is not worth hurrying for.
    if (Clock::now() - began > self->options_.backoff_max) self->backoff_.Reset();
    self->backoff_timer_.expires_after(self->backoff_.Next());
    boost::system::error_code ignored;
    co_await self->backoff_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

async::Task<absl::Status> Client::ServeOnce() {
  const auto deadline = core::Deadline::After(options_.connect_timeout);
  auto dialed = co_await dialer_->Dial(deadline);
  if (!dialed.ok()) co_return dialed.status();
  channel_ = std::move(dialed->channel);
  auto loaded = co_await LoadScripts(deadline);
  if (!loaded.ok()) co_return loaded;
  if (state_ == State::kClosed) co_return absl::OkStatus();
  Up(std::move(dialed->run_id));
  co_await ReadReplies();
  co_return why_away_;
}

async::Task<absl::Status> Client::LoadScripts(core::Deadline deadline) {
  std::string request;
  for (const auto& [sha1, script] : scripts_) {
    AppendArrayHeader(request, 3);
    AppendBulk(request, "SCRIPT");
    AppendBulk(request, "LOAD");
    AppendBulk(request, script.text());
  }
  const auto count = scripts_.size();
  // A script that does not compile is told to the one who calls it.
  auto replies = co_await channel_->Exchange(deadline, std::move(request), count);
  co_return replies.status();
}

void Client::Up(std::string run_id) {
  state_ = State::kUp;
  ++stats_.connects;
  last_read_ = Clock::now();
  suspected_ = spoilt_ = false;
  info_.previous_run_id = std::exchange(info_.run_id, std::move(run_id));
  if (auto* observer = options_.observer) observer->Connected(info_.run_id);
  // By index: a callback may add another one, or close the client.
  for (std::size_t i = 0; i < on_connect_.size(); ++i) {
    const auto callback = on_connect_[i];
    callback(info_);
  }
  if (state_ != State::kUp) return;
  std::vector<Waiter*> only_waited;
  for (auto* waiter : std::exchange(waiting_, {})) {
    if (waiter->out.empty()) {
      only_waited.push_back(waiter);
      continue;
    }
    waiter->first_end += written_ + UnsentBytes();
    output_.append(waiter->unsent);
    waiter->unsent = std::string();
    replies_.Push(waiter, last_read_);
  }
  waiting_commands_ = waiting_bytes_ = 0;
  WakeBy(last_read_ + options_.stall_timeout / 2);
  ResumeLater(only_waited);
  ScheduleFlush();
}

void Client::Lost(absl::Status why) {
  if (state_ != State::kUp) return;
  state_ = State::kAway;
  channel_->Close();
  std::vector<Waiter*> ended;
  replies_.Drop(ended);
  const auto message = absl::StrCat("connection to Redis lost: ", why.message());
  const auto none = Unavailable(message, Outcome::kNone);
  const auto unknown = Unavailable(message, Outcome::kUnknown);
  for (auto* waiter : ended) waiter->status = OutcomeOf(*waiter) == Outcome::kNone ? none : unknown;
  why_away_ = std::move(why);
  output_.clear();
  output_taken_ = 0;
  written_ = 0;
  socket_full_ = false;
  ResumeLater(ended);
}

Outcome Client::OutcomeOf(const Waiter& waiter) const {
  // The server runs only what it has received whole.
  return waiter.first_end > written_ ? Outcome::kNone : Outcome::kUnknown;
}

// ---- replies

async::Task<void> Client::ReadReplies() {
  const auto channel = channel_;
  std::vector<Waiter*> complete;
  while (state_ == State::kUp) {
    const auto bytes = co_await channel->ReadSome();
    if (!bytes.ok()) {
      Lost(bytes.status());
      break;
    }
    ++stats_.reads;
    last_read_ = Clock::now();
    suspected_ = false;
    complete.clear();
    const auto status = Distribute(*bytes, complete);
    Resume(complete);
    if (!status.ok()) Lost(status);
    Flush();  // what the resumed coroutines have issued, without another turn of the loop
  }
}

absl::Status Client::Distribute(std::string_view bytes, std::vector<Waiter*>& complete) {
  Value reply;
  while (!bytes.empty()) {
    channel_->parser().Feed(bytes);
    while (true) {
      const auto next = channel_->parser().Next(reply);
      if (!next.ok()) return next.status();
      if (!*next) break;
      if (replies_.empty()) return absl::InternalError("a reply that nobody asked for");
      ++stats_.replies;
      if (reply.IsError() && SpoilsConnection(reply.text)) spoilt_ = true;
      const auto taken = replies_.Take(reply);
      if (!taken.wanted) ++stats_.late_replies;
      if (taken.complete != nullptr) complete.push_back(taken.complete);
    }
  }
  return spoilt_ ? absl::UnavailableError("the server is no longer a master, or wants a password") : absl::OkStatus();
}

void Client::Resume(const std::vector<Waiter*>& ended) {
  // A resumed coroutine takes its waiter with it, but never one of the others: those are only resumed here. An
  // exception that ends it does not pass here: asio hands it to the caller of run().
  for (auto* waiter : ended) (*std::exchange(waiter->handler, std::nullopt))();
}

void Client::ResumeLater(const std::vector<Waiter*>& ended) {
  if (ended.empty()) return;
  asio::post(executor_, [handlers = TakeHandlers(ended)]() mutable {
    for (auto& handler : handlers) std::move(handler)();
  });
}

async::Task<void> Client::Wait(std::shared_ptr<Client> self, Waiter& waiter) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      [&self, &waiter](Handler handler) {
        waiter.handler.emplace(std::move(handler));
        // Refused: still one turn of the loop, or a caller that tries again and again would never let it turn.
        if (!waiter.status.ok()) self->ResumeLater({&waiter});
      },
      asio::use_awaitable);
}

// ---- commands

absl::Status Client::Admit(const Waiter& waiter, TimePoint now) const {
  if (waiter.deadline <= now) return TimedOut(Outcome::kNone);
  if (state_ == State::kClosed) return Unavailable("closed", Outcome::kNone);
  if (state_ != State::kUp && !options_.wait_while_down) {
    return Unavailable(absl::StrCat("not connected to Redis: ", std::string(MessageOf(why_away_))), Outcome::kNone);
  }
  if (replies_.size() + waiting_commands_ + waiter.out.size() > options_.max_pending) {
    return Overloaded("too many commands wait for Redis");
  }
  if (UnsentBytes() + waiting_bytes_ > options_.max_unsent_bytes) return Overloaded("too many bytes wait for Redis");
  return absl::OkStatus();
}

void Client::Submit(Waiter& waiter, Encode encode) {
  const auto now = Clock::now();
  waiter.status = Admit(waiter, now);
  if (!waiter.status.ok()) {
    waiter.status.code() == absl::StatusCode::kDeadlineExceeded ? ++stats_.timeouts : ++stats_.refused;
    return;
  }
  stats_.commands += waiter.out.size();
  const bool up = state_ == State::kUp;
  auto& out = up ? output_ : waiter.unsent;
  for (std::size_t i = 0; i < waiter.out.size(); ++i) {
    encode(out, i);
    if (i == 0) waiter.first_end = up ? written_ + UnsentBytes() : out.size();
  }
  if (up) {
    replies_.Push(&waiter, now);
    ScheduleFlush();
  } else {
    waiting_.push_back(&waiter);
    waiting_commands_ += waiter.out.size();
    waiting_bytes_ += out.size();
  }
  WakeBy(waiter.deadline);
}

void Client::SubmitWait(Waiter& waiter) {
  if (state_ == State::kClosed) {
    waiter.status = Unavailable("closed", Outcome::kNone);
    return;
  }
  waiting_.push_back(&waiter);
  WakeBy(waiter.deadline);
}

void Client::Register(const Script& script) {
  scripts_.try_emplace(script.sha1(), script);
}

void Client::OnConnect(std::function<void(const ConnectInfo&)> callback) {
  if (state_ == State::kClosed) return;
  on_connect_.push_back(callback);
  if (state_ == State::kUp) callback(info_);
}

haven::redis::Stats Client::GetStats() const {
  auto stats = stats_;
  stats.pending = replies_.size() + waiting_commands_;
  return stats;
}

// ---- writing

void Client::ScheduleFlush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  // Behind the handlers already queued, so that all they append leaves in one write.
  asio::post(executor_, [self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->Flush();
  });
}

void Client::Flush() {
  if (state_ != State::kUp || socket_full_) return;
  while (UnsentBytes() > 0) {
    ++stats_.writes;
    const auto taken = channel_->TryWrite(std::string_view(output_).substr(output_taken_));
    if (!taken.ok()) {
      Lost(taken.status());
      return;
    }
    if (*taken == 0) {
      socket_full_ = true;
      asio::co_spawn(executor_, FlushWhenWritable(shared_from_this(), channel_), asio::detached);
      return;
    }
    output_taken_ += *taken;
    written_ += *taken;
  }
  output_.clear();
  output_taken_ = 0;
  if (output_.capacity() > kKeepOutputBytes) output_.shrink_to_fit();
}

async::Task<void> Client::FlushWhenWritable(std::shared_ptr<Client> self, std::shared_ptr<Channel> channel) {
  const auto writable = co_await channel->WaitWritable();
  if (self->channel_ != channel || self->state_ != State::kUp) co_return;
  self->socket_full_ = false;
  if (!writable.ok()) {
    self->Lost(writable);
    co_return;
  }
  // What has been taken is dropped now and then, or a socket that is never empty would make the output grow for ever.
  if (self->output_taken_ > kKeepOutputBytes) {
    self->output_.erase(0, self->output_taken_);
    self->output_taken_ = 0;
  }
  self->Flush();
}

// ---- time

void Client::WakeBy(TimePoint at) {
  // One timer for all: it is moved only to an earlier time, and finds the next one when it fires.
  if (at >= wake_at_ || state_ == State::kClosed) return;
  wake_at_ = at;
  wake_timer_.expires_at(at);
  wake_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->OnWake();
  });
}

void Client::OnWake() {
  wake_at_ = TimePoint::max();
  const auto now = Clock::now();
  std::vector<Waiter*> ended;
  WakeBy(ExpireWaiters(now, ended));
  WakeBy(CheckLiveness(now));
  stats_.timeouts += ended.size();
  Resume(ended);
}

TimePoint Client::ExpireWaiters(TimePoint now, std::vector<Waiter*>& ended) {
  auto next = replies_.Expire(now, ended);
  for (auto* waiter : ended) waiter->status = TimedOut(OutcomeOf(*waiter));
  std::erase_if(waiting_, [&](Waiter* waiter) {
    if (waiter->deadline > now) {
      next = std::min(next, waiter->deadline);
      return false;
    }
    waiting_commands_ -= waiter->out.size();
    waiting_bytes_ -= waiter->unsent.size();
    waiter->status = TimedOut(Outcome::kNone);
    ended.push_back(waiter);
    return true;
  });
  return next;
}

TimePoint Client::CheckLiveness(TimePoint now) {
  if (state_ != State::kUp) return TimePoint::max();
  if (replies_.empty()) {
    const auto ping_at = last_read_ + options_.stall_timeout / 2;
    if (now < ping_at) return ping_at;
    static const std::vector<std::string> kPing{"PING"};
    AppendCommand(output_, kPing);
    replies_.Push(nullptr, now);
    ScheduleFlush();
  }
  const auto lost_at = std::max(last_read_, replies_.oldest()) + options_.stall_timeout;
  if (now < lost_at) return lost_at;
  if (!std::exchange(suspected_, true)) return now + kGrace;
  Lost(absl::UnavailableError("no answer"));
  return TimePoint::max();
}

}  // namespace haven::redis
