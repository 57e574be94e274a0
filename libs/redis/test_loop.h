#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/async/task.h"
#include "libs/core/deadline.h"

namespace haven::redis {

inline core::Deadline In(std::chrono::milliseconds span) {
  return core::Deadline::After(span);
}
inline core::Deadline Soon() {
  return In(std::chrono::seconds(20));
}

// A loop on the test's own thread: it turns only while the test waits for something.
class TestLoop {
 public:
  boost::asio::any_io_executor executor() { return io_.get_executor(); }

  // What a started task will have returned.
  template <class T>
  using Result = std::shared_ptr<std::optional<T>>;

  template <class T>
  Result<T> Spawn(async::Task<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(io_, std::move(task), [result](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      result->emplace(std::move(value));
    });
    return result;
  }

  // Turns until `done`; false after 30 s.
  bool Until(const std::function<bool()>& done) {
    const auto limit = In(std::chrono::seconds(30));
    while (!done()) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
      if (limit.Expired()) return false;
    }
    return true;
  }

  template <class T>
  T Await(const Result<T>& result) {
    if (!Until([&] { return result->has_value(); })) throw std::runtime_error("nothing came");
    return *std::exchange(*result, std::nullopt);
  }
  template <class T>
  T Run(async::Task<T> task) {
    return Await(Spawn(std::move(task)));
  }

 private:
  boost::asio::io_context io_{1};
};

}  // namespace haven::redis
