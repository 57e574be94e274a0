#pragma once

#include <boost/asio/awaitable.hpp>

namespace haven::async {

// A coroutine of Haven. Parameters by value; no capturing-lambda coroutines; no lock held across co_await.
// Traps of g++ 12.2, none of which warns. They are about what stands inside one expression together with co_await:
//  * a braced initialiser or a lambda with captures there is destroyed twice: name it first;
//      const auto hash = [password] { return Hash(password); };
//      auto result = co_await pool.Run(deadline, hash);
//  * a coroutine that declares no local variable at all and has co_await in the condition of an if, while, do, switch
//    runs off its end (SIGILL, or anything): name the result.
//      const bool woken = co_await event.Wait(deadline);
//      if (!woken) co_return;
//  * co_await behind && or || lays the frame out wrongly: an if of its own, or name the result first.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace haven::async
