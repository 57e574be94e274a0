#pragma once

#include <boost/asio/awaitable.hpp>

namespace haven::async {

// A coroutine of Haven. Parameters by value; no capturing-lambda coroutines; no lock held across co_await.
// Two traps of g++ 12.2, neither of which warns:
//  * a braced initialiser list inside a co_await expression is miscompiled: name the object first;
//  * a coroutine that declares no local variable at all and has co_await in the condition of an if, while, do, switch
//    runs off its end (SIGILL, or anything). So name the result:
//      const bool woken = co_await event.Wait(deadline);
//      if (!woken) co_return;
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace haven::async
