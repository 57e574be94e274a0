#include "libs/async/blocking_pool.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"

namespace haven::async {
namespace {

struct Job {
  absl::AnyInvocable<void()> work;
  std::atomic<bool> abandoned{false};
  Event done;  // loop thread only
};

}  // namespace

struct BlockingPool::Impl {
  Impl(Loop& l, BlockingPoolOptions o) : loop(l), options(std::move(o)) {}

  void Work() {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    while (true) {
      std::shared_ptr<Job> job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !queue.empty(); });
        if (stopping) return;
        job = std::move(queue.front());
        queue.pop_front();
      }
      if (!job->abandoned) job->work();
      loop.Post([job] { job->done.Set(); });
    }
  }

  bool Push(std::shared_ptr<Job> job) {
    {
      std::lock_guard lock(mutex);
      if (stopping || queue.size() >= options.max_queued) return false;
      queue.push_back(std::move(job));
    }
    wake.notify_one();
    return true;
  }

  Loop& loop;
  const BlockingPoolOptions options;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<Job>> queue;
  bool stopping = false;
  std::vector<std::thread> threads;
};

BlockingPool::BlockingPool(Loop& loop, BlockingPoolOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {
  for (std::size_t i = 0; i < impl_->options.threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->Work(); });
  }
}

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

std::size_t BlockingPool::queued() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

Task<absl::Status> BlockingPool::RunJob(core::Deadline deadline, absl::AnyInvocable<void()> work) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  if (!impl_->Push(job)) {
    co_return core::LimitError(errors::v1::REASON_OVERLOADED, "too many jobs wait for " + impl_->options.name,
                               std::chrono::seconds(1));
  }
  if (co_await job->done.Wait(deadline)) co_return absl::OkStatus();
  job->abandoned = true;
  if (co_await Cancelled()) co_return absl::CancelledError("cancelled");
  co_return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                            "not done in time: " + impl_->options.name);
}

}  // namespace haven::async
