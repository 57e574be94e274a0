#pragma once

#include <optional>
#include <utility>

#include "libs/async/loop.h"
#include "libs/async/task.h"

namespace haven::async {

namespace internal {
// Runs `task` on the loop and blocks until it has ended; rethrows what it threw.
void RunToEnd(Loop& loop, Task<void> task);

template <class T>
Task<void> StoreResult(Task<T> task, std::optional<T>* out) {
  out->emplace(co_await std::move(task));
}
}  // namespace internal

// For tests and command-line programs: runs `task` on a started loop and returns its result. Never on the loop's
// thread.
template <class T>
T BlockOn(Loop& loop, Task<T> task) {
  std::optional<T> out;
  internal::RunToEnd(loop, internal::StoreResult<T>(std::move(task), &out));
  return *std::move(out);
}
inline void BlockOn(Loop& loop, Task<void> task) {
  internal::RunToEnd(loop, std::move(task));
}

}  // namespace haven::async
