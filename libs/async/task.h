#pragma once

#include <boost/asio/awaitable.hpp>

namespace haven::async {

// A coroutine of Haven. Parameters by value; no capturing-lambda coroutines; no lock held across co_await.
// Compiled by clang alone: g++ 12.2 miscompiles several forms around co_await without a warning (docs/adr/0006).
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace haven::async
