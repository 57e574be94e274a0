#include "libs/async/completion.h"

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "libs/async/loop_internal.h"
#include "libs/async/wait.h"

namespace haven::async {

namespace asio = boost::asio;

struct Completion::State {
  explicit State(std::shared_ptr<internal::Gate> g) : gate(std::move(g)) {}

  // On the loop.
  void Finish() {
    done = true;
    if (!waiting) return;
    auto handler = std::move(place->handler);
    gate->waits.erase(place);
    waiting = false;
    handler();
  }

  const std::shared_ptr<internal::Gate> gate;
  bool done = false;
  bool waiting = false;
  std::list<internal::ExternalWait>::iterator place;
};

std::shared_ptr<Completion> Completion::Create(Loop& loop) {
  return std::shared_ptr<Completion>(new Completion(std::make_shared<State>(internal::GateOf(loop))));
}

void Completion::Complete(std::shared_ptr<void> keep) {
  absl::AnyInvocable<void()> work = [state = state_, keep = std::move(keep)] { state->Finish(); };
  state_->gate->Post(work);
}

Task<void> Completion::Wait(std::function<void()> on_cancel) {
  const auto state = state_;
  if (state->done) co_return;
  const bool cancelled = co_await Cancelled();
  if (cancelled && on_cancel) on_cancel();
  auto initiate = [state, &on_cancel](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected() && on_cancel) {
      slot.assign([&on_cancel](asio::cancellation_type) { on_cancel(); });
    }
    state->place = state->gate->waits.emplace(state->gate->waits.end());
    // Not asio's any_completion_handler: moving one recurses without end in Boost 1.81.
    state->place->handler = [handler = std::move(handler)]() mutable { std::move(handler)(); };
    state->waiting = true;
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
}

}  // namespace haven::async
