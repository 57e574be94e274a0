#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::async {

// True after the full time, false if the running TaskGroup or call was cancelled.
Task<bool> Sleep(std::chrono::nanoseconds span);
Task<bool> SleepUntil(core::Deadline until);

// True once the running TaskGroup or streaming call has been cancelled.
Task<bool> Cancelled();

// Lets other handlers of the loop run: for work of more than a few milliseconds. False if cancelled.
Task<bool> Yield();

// A condition variable of the loop. All members on the loop's thread. Destroying it wakes its waiters with false.
//   while (queue.empty()) {
//     const bool woken = co_await notifier.Wait(deadline);
//     if (!woken) co_return ...;
//   }
class Notifier {
 public:
  Notifier();
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Wakes those waiting now; without a waiter it is forgotten.
  void NotifyOne();
  void NotifyAll();

  // True when notified; false at the deadline or when cancelled.
  Task<bool> Wait(core::Deadline deadline);

  std::size_t waiting() const;

 private:
  struct Waiters;
  std::shared_ptr<Waiters> waiters_;
};

// A flag that coroutines wait for; stays set until Reset. All members on the loop's thread.
class Event {
 public:
  void Set();
  void Reset() { set_ = false; }
  bool IsSet() const { return set_; }
  // True when set (at once if it is), false at the deadline or when cancelled.
  Task<bool> Wait(core::Deadline deadline);

 private:
  bool set_ = false;
  Notifier notifier_;
};

// At most `permits` holders. Waiters are served in order of arrival. All members on the loop's thread.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) : free_(permits) {}

  // Given back when destroyed.
  class Permit {
   public:
    Permit() = default;
    explicit Permit(Semaphore* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(other.owner_) { other.owner_ = nullptr; }
    Permit& operator=(Permit&& other) noexcept;
    ~Permit() { Release(); }
    explicit operator bool() const { return owner_ != nullptr; }
    void Release();

   private:
    Semaphore* owner_ = nullptr;
  };

  // An empty permit at the deadline or when cancelled.
  Task<Permit> Acquire(core::Deadline deadline);

 private:
  std::size_t free_;
  Notifier notifier_;
};

}  // namespace haven::async
