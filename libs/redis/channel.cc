#include "libs/redis/channel.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/redis/errors.h"

namespace haven::redis {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Endpoint = asio::generic::stream_protocol::endpoint;

// Large enough that a full pipeline comes in one read, and that asio skips its speculative read after a partly filled
// one.
constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

// Closes the channel at a deadline unless destroyed before.
class Channel::Limit {
 public:
  Limit(Channel& channel, core::Deadline deadline) : channel_(channel) {
    channel.timer_.expires_at(deadline.at());
    channel.timer_.async_wait([weak = channel.weak_from_this(), deadline](const error_code& error) {
      const auto self = weak.lock();
      // The expiry is compared because a wait that has already fired cannot be cancelled.
      if (error || !self || self->timer_.expiry() != deadline.at()) return;
      self->timed_out_ = true;
      self->Close();
    });
  }
  ~Limit() { channel_.timer_.expires_at(asio::steady_timer::time_point::max()); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  Channel& channel_;
};

Channel::Channel(asio::any_io_executor executor)
    : executor_(executor), socket_(executor), timer_(executor), buffer_(std::make_unique<char[]>(kReadBytes)) {}

void Channel::Close() {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

absl::Status Channel::Failed(std::string_view what, const error_code& error) {
  error_code ignored;
  socket_.close(ignored);
  if (timed_out_) return Unavailable(absl::StrCat(std::string(what), ": timed out"), Outcome::kUnknown);
  return Unavailable(absl::StrCat(std::string(what), ": ", error.message()), Outcome::kUnknown);
}

async::Task<absl::Status> Channel::ConnectTo(Endpoint endpoint) {
  error_code error;
  co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Failed("connect", error);
  if (endpoint.protocol().family() != AF_UNIX) socket_.set_option(tcp::no_delay(true), error);
  co_return absl::OkStatus();
}

async::Task<absl::Status> Channel::Connect(core::Deadline deadline, Address address) {
  const auto self = shared_from_this();
  const Limit limit(*this, deadline);
  if (address.IsUnix()) co_return co_await ConnectTo(asio::local::stream_protocol::endpoint(address.path));
  error_code error;
  const auto numeric = asio::ip::make_address(address.host, error);
  if (!error) co_return co_await ConnectTo(tcp::endpoint(numeric, address.port));
  tcp::resolver resolver(executor_);
  const auto found = co_await resolver.async_resolve(address.host, std::to_string(address.port),
                                                     asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Failed("resolve", error);
  absl::Status status = Unavailable("connect: closed or timed out", Outcome::kNone);
  for (const auto& entry : found) {
    if (closed_) break;
    status = co_await ConnectTo(entry.endpoint());
    if (status.ok()) break;
  }
  co_return status;
}

absl::StatusOr<std::size_t> Channel::TryWrite(std::string_view bytes) {
  while (true) {
    const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    if (errno != EINTR) return Failed("write", error_code(errno, boost::system::system_category()));
  }
}

async::Task<absl::Status> Channel::WaitWritable() {
  error_code error;
  co_await socket_.async_wait(asio::socket_base::wait_write, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Failed("write", error);
  co_return absl::OkStatus();
}

async::Task<absl::Status> Channel::WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = TryWrite(bytes);
    if (!sent.ok()) co_return sent.status();
    bytes.remove_prefix(*sent);
    if (bytes.empty()) break;
    const auto ready = co_await WaitWritable();
    if (!ready.ok()) co_return ready;
  }
  co_return absl::OkStatus();
}

async::Task<absl::StatusOr<std::string_view>> Channel::ReadSome() {
  error_code error;
  const auto size = co_await socket_.async_read_some(asio::buffer(buffer_.get(), kReadBytes),
                                                     asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Failed("read", error);
  co_return std::string_view(buffer_.get(), size);
}

async::Task<absl::StatusOr<std::vector<Value>>> Channel::Exchange(core::Deadline deadline, std::string request,
                                                                  std::size_t replies) {
  const auto self = shared_from_this();
  const Limit limit(*this, deadline);
  const auto written = co_await WriteAll(request);
  if (!written.ok()) co_return written;
  std::vector<Value> out;
  while (out.size() < replies) {
    auto bytes = co_await ReadSome();
    if (!bytes.ok()) co_return bytes.status();
    while (!bytes->empty()) {
      parser_.Feed(*bytes);
      Value value;
      auto next = parser_.Next(value);
      for (; next.ok() && *next; next = parser_.Next(value)) out.push_back(std::move(value));
      if (!next.ok()) {
        Close();
        co_return Unavailable(std::string_view(next.status().message().data(), next.status().message().size()),
                              Outcome::kUnknown);
      }
    }
  }
  co_return out;
}

}  // namespace haven::redis
