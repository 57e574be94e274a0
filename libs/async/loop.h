#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"

namespace haven::async {

class Loop;
namespace internal {
class Gate;
std::shared_ptr<Gate> GateOf(Loop& loop);
}  // namespace internal

struct LoopOptions {
  // Appears in warnings and as the thread's name (15 characters are kept).
  std::string name = "loop";
  // A handler that holds the loop longer is reported: always from warn_after + 20 ms, by chance from warn_after.
  std::chrono::milliseconds warn_after{50};
  // Told from the loop's thread; the default writes a warning to the log.
  std::function<void(std::chrono::nanoseconds blocked)> on_blocked;
};

// One io_context run by one thread: everything a process does asynchronously happens here, so services need no locks.
// Objects that coroutines use must outlive the loop's last handler: stop the loop before they are destroyed.
class Loop {
 public:
  explicit Loop(LoopOptions options = {});
  // Stops, then joins the thread if Start made one.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs on a thread of its own until Stop.
  void Start();
  // Runs on the calling thread until Stop; instead of Start.
  void Run();
  // Ends Run after the handler in progress; joins the thread if called from another one. Thread-safe, once is enough.
  // Coroutines still suspended are destroyed with the loop: drain their TaskGroup first.
  void Stop();

  // Runs `work` on the loop, in order of posting. Thread-safe.
  void Post(absl::AnyInvocable<void()> work);
  bool OnLoopThread() const;

  // For the few sources that use Boost.Asio directly.
  boost::asio::any_io_executor executor();

 private:
  friend std::shared_ptr<internal::Gate> internal::GateOf(Loop& loop);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Posts to a loop that may have gone: for objects that live in other libraries' hands. Thread-safe, cheap to copy.
class Poster {
 public:
  explicit Poster(Loop& loop) : gate_(internal::GateOf(loop)) {}
  // False if the loop has gone; `work` is dropped then.
  bool Post(absl::AnyInvocable<void()> work) const;

 private:
  std::shared_ptr<internal::Gate> gate_;
};

}  // namespace haven::async
