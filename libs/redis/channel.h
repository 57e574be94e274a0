#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/resp.h"
#include "libs/redis/target.h"

namespace haven::redis {

// One socket to one server and the parser of what it says. One coroutine at a time, except Close. Failures of the
// socket are UNAVAILABLE; after any failure the channel is closed and of no more use.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  explicit Channel(boost::asio::any_io_executor executor);

  // Tries each address that a host name has.
  async::Task<absl::Status> Connect(core::Deadline deadline, Address address);

  // Writes `request` and reads that many replies. Error replies are values.
  async::Task<absl::StatusOr<std::vector<Value>>> Exchange(core::Deadline deadline, std::string request,
                                                           std::size_t replies);

  // For pipelining. Waits for bytes; they are valid until the next call.
  async::Task<absl::StatusOr<std::string_view>> ReadSome();
  // Takes as much of `bytes` as the kernel accepts now, without waiting and without SIGPIPE; the number of bytes taken.
  absl::StatusOr<std::size_t> TryWrite(std::string_view bytes);
  // OK when TryWrite may take more.
  async::Task<absl::Status> WaitWritable();
  ReplyParser& parser() { return parser_; }

  bool IsOpen() const { return socket_.is_open(); }
  // For good. What waits ends with UNAVAILABLE.
  void Close();

 private:
  class Limit;
  async::Task<absl::Status> ConnectTo(boost::asio::generic::stream_protocol::endpoint endpoint);
  async::Task<absl::Status> WriteAll(std::string_view bytes);
  absl::Status Failed(std::string_view what, const boost::system::error_code& error);

  boost::asio::any_io_executor executor_;
  boost::asio::generic::stream_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  ReplyParser parser_;
  std::unique_ptr<char[]> buffer_;
  bool timed_out_ = false;
  bool closed_ = false;
};

}  // namespace haven::redis
