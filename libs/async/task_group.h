#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::async {

// Owner of background coroutines: nothing in Haven runs detached. Destroying a group that still has tasks cancels them
// and logs it; drain first. A task that throws is logged and counted as ended.
//
// Cancellation is cooperative: waits of libs/async (Sleep, Notifier, Event, BlockingPool) return false / CANCELLED at
// once, also those begun after the cancellation; a query or command in flight completes. So a loop reads
//   while (true) {
//     const bool slept = co_await Sleep(interval);
//     if (!slept) co_return;
//     co_await Step(...);
//   }
class TaskGroup {
 public:
  TaskGroup(Loop& loop, std::string name);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` on the loop, at its next turn. Thread-safe. After Cancel the task is dropped without being started.
  void Spawn(Task<void> task);

  // Asks every task to end. Thread-safe.
  void Cancel();

  // Cancels, then waits for the tasks: true when all have ended, false at the deadline. Call it from the loop.
  Task<bool> Drain(core::Deadline deadline);

  // Tasks that have not ended.
  std::size_t active() const;
  const std::string& name() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace haven::async
