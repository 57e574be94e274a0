#include "libs/async/wait.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <utility>

namespace haven::async {

namespace asio = boost::asio;

Task<bool> Cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Task<bool> SleepUntil(core::Deadline until) {
  if (co_await Cancelled()) co_return false;
  asio::steady_timer timer(co_await asio::this_coro::executor, until.at());
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

Task<bool> Sleep(std::chrono::nanoseconds span) {
  return SleepUntil(core::Deadline::After(span));
}

Task<bool> Yield() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  const bool cancelled = co_await Cancelled();
  co_return !cancelled;
}

// A waiter is a timer at its deadline: notifying cancels it. Waiters leave the list in their destructor, so a coroutine
// frame destroyed while suspended leaves nothing behind.
struct Notifier::Waiters {
  struct Waiter {
    Waiter(std::shared_ptr<Waiters> owner, const asio::any_io_executor& executor, core::Deadline deadline)
        : owner_(std::move(owner)), timer(executor, deadline.at()) {
      place_ = owner_->list.insert(owner_->list.end(), this);
    }
    ~Waiter() { Leave(); }
    void Leave() {
      if (listed_) owner_->list.erase(place_);
      listed_ = false;
    }
    void Wake(bool result) {
      notified = result;
      Leave();
      timer.cancel();
    }

    std::shared_ptr<Waiters> owner_;
    asio::steady_timer timer;
    bool notified = false;
    bool listed_ = true;
    std::list<Waiter*>::iterator place_;
  };

  void WakeAll(bool result) {
    while (!list.empty()) list.front()->Wake(result);
  }

  std::list<Waiter*> list;
};

Notifier::Notifier() : waiters_(std::make_shared<Waiters>()) {}

Notifier::~Notifier() {
  waiters_->WakeAll(false);
}

void Notifier::NotifyOne() {
  if (!waiters_->list.empty()) waiters_->list.front()->Wake(true);
}

void Notifier::NotifyAll() {
  waiters_->WakeAll(true);
}

std::size_t Notifier::waiting() const {
  return waiters_->list.size();
}

Task<bool> Notifier::Wait(core::Deadline deadline) {
  // The list is joined before anything suspends: a notification between the caller's check and here is impossible.
  auto waiters = waiters_;
  if (co_await Cancelled()) co_return false;
  Waiters::Waiter waiter(std::move(waiters), co_await asio::this_coro::executor, deadline);
  boost::system::error_code error;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return waiter.notified;
}

void Event::Set() {
  set_ = true;
  notifier_.NotifyAll();
}

Task<bool> Event::Wait(core::Deadline deadline) {
  if (set_) co_return true;
  co_return co_await notifier_.Wait(deadline);
}

Semaphore::Permit& Semaphore::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    Release();
    owner_ = std::exchange(other.owner_, nullptr);
  }
  return *this;
}

void Semaphore::Permit::Release() {
  if (owner_ == nullptr) return;
  Semaphore* owner = std::exchange(owner_, nullptr);
  // Handed over directly, so that nobody who comes later can take it first.
  if (owner->notifier_.waiting() > 0) {
    owner->notifier_.NotifyOne();
  } else {
    ++owner->free_;
  }
}

Task<Semaphore::Permit> Semaphore::Acquire(core::Deadline deadline) {
  if (free_ > 0) {
    --free_;
    co_return Permit(this);
  }
  const bool handed_over = co_await notifier_.Wait(deadline);
  co_return Permit(handed_over ? this : nullptr);
}

}  // namespace haven::async
