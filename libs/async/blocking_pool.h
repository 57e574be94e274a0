#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::async {

struct BlockingPoolOptions {
  std::string name = "blocking";
  std::size_t threads = 1;
  // Jobs waiting for a thread beyond this are refused with RESOURCE_EXHAUSTED (REASON_OVERLOADED).
  std::size_t max_queued = 64;
};

// Named threads for work that blocks or computes for long (Argon2, files): the loop never does.
class BlockingPool {
 public:
  BlockingPool(Loop& loop, BlockingPoolOptions options);
  // Waits for running jobs; queued ones are dropped. Destroy it while the loop lives.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Runs `fn()` on a thread of the pool and resumes on the loop with its result. DEADLINE_EXCEEDED or CANCELLED leave a
  // job that has begun running to its end unobserved, so `fn` owns what it touches. `fn` must not throw.
  template <class F, class R = std::invoke_result_t<F&>>
  Task<absl::StatusOr<R>> Run(core::Deadline deadline, F fn) {
    static_assert(!std::is_void_v<R>, "return something, such as absl::Status or bool");
    auto result = std::make_shared<std::optional<R>>();
    absl::AnyInvocable<void()> job = [result, fn = std::move(fn)]() mutable { result->emplace(fn()); };
    absl::Status status = co_await RunJob(deadline, std::move(job));
    if (!status.ok()) co_return status;
    co_return *std::move(*result);
  }

  std::size_t queued() const;

 private:
  Task<absl::Status> RunJob(core::Deadline deadline, absl::AnyInvocable<void()> job);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haven::async
