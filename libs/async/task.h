#pragma once

#include <boost/asio/awaitable.hpp>

namespace haven::async {

// A coroutine of Haven. Parameters by value; no capturing-lambda coroutines; no lock held across co_await.
// g++ 12 miscompiles a braced initialiser list inside a co_await expression: name the object first.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace haven::async
