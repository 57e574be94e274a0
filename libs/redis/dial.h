#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/channel.h"
#include "libs/redis/redis.h"
#include "libs/redis/target.h"

namespace haven::redis {

struct Dialed {
  std::shared_ptr<Channel> channel;
  std::string run_id;
};

// Makes ready connections. Keeps what is learnt from one to the next (the sentinel that answered). Shared by its
// coroutines.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  Dialer(boost::asio::any_io_executor executor, RedisOptions options, Target target);

  // Finds the server (through sentinels: the master, and makes sure that it is one), connects, AUTH, SELECT, CLIENT
  // SETNAME and asks for the run_id. UNAVAILABLE if any of it fails or the server is still loading its data.
  async::Task<absl::StatusOr<Dialed>> Dial(core::Deadline deadline);

  // Closes a connection in the making; Dial fails from now on.
  void Close();

 private:
  async::Task<absl::StatusOr<Address>> FindServer(core::Deadline deadline);
  async::Task<absl::StatusOr<Address>> AskSentinel(core::Deadline deadline, Address sentinel);
  async::Task<absl::StatusOr<std::string>> Handshake(core::Deadline deadline);

  boost::asio::any_io_executor executor_;
  const RedisOptions options_;
  Target target_;
  std::shared_ptr<Channel> channel_;  // in the making
  bool closed_ = false;
};

}  // namespace haven::redis
