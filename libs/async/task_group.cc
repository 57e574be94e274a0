#include "libs/async/task_group.h"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <list>
#include <utility>

#include "libs/async/wait.h"
#include "libs/core/log.h"

namespace haven::async {

namespace asio = boost::asio;

struct TaskGroup::State : std::enable_shared_from_this<State> {
  State(Loop& l, std::string n) : loop(l), name(std::move(n)) {}

  // On the loop.
  void Begin(Task<void> task) {
    if (cancelled) return End();
    const auto place = signals.emplace(signals.end());
    auto done = [self = shared_from_this(), place](std::exception_ptr error) {
      self->signals.erase(place);
      if (error) self->log.Error("task_threw", {{"group", core::PlainText{self->name}}});
      self->End();
    };
    asio::co_spawn(loop.executor(), Body(std::move(task)),
                   asio::bind_cancellation_slot(place->slot(), std::move(done)));
  }

  static Task<void> Body(Task<void> task) {
    // Waits report cancellation by their result; nothing of ours throws.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
  }

  void End() {
    if (--active == 0) idle.NotifyAll();
  }

  // On the loop.
  void CancelNow() {
    cancelled = true;
    // A task may end while it is told, so each place is left before its signal is emitted.
    for (auto it = signals.begin(); it != signals.end();) (it++)->emit(asio::cancellation_type::terminal);
  }

  Loop& loop;
  const std::string name;
  core::Logger log{"async"};
  std::atomic<std::size_t> active{0};
  bool cancelled = false;
  std::list<asio::cancellation_signal> signals;
  Notifier idle;
};

TaskGroup::TaskGroup(Loop& loop, std::string name) : state_(std::make_shared<State>(loop, std::move(name))) {}

TaskGroup::~TaskGroup() {
  if (state_->active == 0) return;
  state_->log.Warning("group_destroyed_with_tasks",
                      {{"group", core::PlainText{state_->name}}, {"tasks", state_->active.load()}});
  Cancel();
}

void TaskGroup::Spawn(Task<void> task) {
  ++state_->active;
  if (state_->loop.OnLoopThread()) return state_->Begin(std::move(task));
  state_->loop.Post([state = state_, task = std::move(task)]() mutable { state->Begin(std::move(task)); });
}

void TaskGroup::Cancel() {
  if (state_->loop.OnLoopThread()) return state_->CancelNow();
  state_->loop.Post([state = state_] { state->CancelNow(); });
}

Task<bool> TaskGroup::Drain(core::Deadline deadline) {
  auto state = state_;
  Cancel();
  while (state->active > 0) {
    if (!co_await state->idle.Wait(deadline)) co_return state->active == 0;
  }
  co_return true;
}

std::size_t TaskGroup::active() const {
  return state_->active;
}

const std::string& TaskGroup::name() const {
  return state_->name;
}

}  // namespace haven::async
