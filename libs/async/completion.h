#pragma once

#include <functional>
#include <memory>

#include "libs/async/loop.h"
#include "libs/async/task.h"

namespace haven::async {

// Lets one coroutine wait for something that happens on a thread of another library, such as gRPC's.
// The other side may come at any time, also after the loop has gone: it is ignored then.
class Completion : public std::enable_shared_from_this<Completion> {
 public:
  static std::shared_ptr<Completion> Create(Loop& loop);

  // Wakes the waiter on the loop, then drops `keep` there. Once; thread-safe.
  void Complete(std::shared_ptr<void> keep = nullptr);

  // Waits, without a deadline of its own: for what is certain to end. `on_cancel` is called on the loop if the waiting
  // coroutine is cancelled, to hurry the end; the wait goes on until Complete. At most one waiter.
  Task<void> Wait(std::function<void()> on_cancel);

 private:
  struct State;
  explicit Completion(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace haven::async
