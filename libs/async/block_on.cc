#include "libs/async/block_on.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <future>

namespace haven::async::internal {
namespace {

Task<void> Body(Task<void> task) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

}  // namespace

void RunToEnd(Loop& loop, Task<void> task) {
  std::promise<void> ended;
  boost::asio::co_spawn(loop.executor(), Body(std::move(task)), [&ended](std::exception_ptr error) {
    if (error) {
      ended.set_exception(error);
    } else {
      ended.set_value();
    }
  });
  ended.get_future().get();
}

}  // namespace haven::async::internal
