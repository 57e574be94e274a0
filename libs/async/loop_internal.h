#pragma once

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <mutex>

#include "absl/functional/any_invocable.h"
#include "libs/async/loop.h"

namespace haven::async::internal {

// A coroutine suspended in something that is not the io_context's own. The loop destroys the handlers of those that are
// left before it goes, since they own coroutine frames that use it. Loop thread only.
struct ExternalWait {
  absl::AnyInvocable<void()> handler;
};

// The loop as other libraries' threads see it: it may be gone.
class Gate {
 public:
  explicit Gate(boost::asio::io_context& context) : context_(&context) {}

  // False if the loop has gone; `work` is destroyed by the caller's thread then.
  bool Post(absl::AnyInvocable<void()>& work);
  void Close();

  std::list<ExternalWait> waits;  // loop thread only

 private:
  std::mutex mutex_;
  boost::asio::io_context* context_;
};

std::shared_ptr<Gate> GateOf(Loop& loop);

}  // namespace haven::async::internal
