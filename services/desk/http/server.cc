#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <map>
#include <optional>
#include <unordered_set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/core/log.h"
#include "services/desk/http/http.h"

namespace haven::desk::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 64 * 1024;

Method MethodOf(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::kGet;
    case beast::http::verb::head:
      return Method::kHead;
    case beast::http::verb::post:
      return Method::kPost;
    case beast::http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

}  // namespace

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, absl::string_view(name.data(), name.size()))) return value;
  }
  return {};
}

bool Request::HasHeader(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return absl::EqualsIgnoreCase(header.first, absl::string_view(name.data(), name.size()));
  });
}

namespace {

// One connection; lives as long as its coroutine and whoever holds its exchange.
class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const ServerOptions& options, std::string address)
      : stream_(std::move(socket)), options_(options), address_(std::move(address)) {}

  // Reads the next request; an int is the status to answer before closing, 0 just closes.
  async::Task<std::optional<int>> ReadRequest(bool first) {
    beast::http::request_parser<beast::http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser.body_limit(options_.max_body_bytes);
    if (buffer_.size() == 0) {
      stream_.expires_after(first ? options_.header_timeout : options_.idle_timeout);
      // Waiting for a request is one thing, a request that trickles in another: the first bytes are read apart.
      auto [error, n] = co_await stream_.async_read_some(buffer_.prepare(8192), kAwait);
      if (error) co_return 0;
      buffer_.commit(n);
    }
    stream_.expires_after(options_.header_timeout);
    auto [header_error, header_size] = co_await beast::http::async_read_header(stream_, buffer_, parser, kAwait);
    if (header_error) co_return StatusOf(header_error);
    if (parser.get().version() != 11) co_return 505;
    if (absl::EqualsIgnoreCase(std::string(parser.get()[beast::http::field::expect]), "100-continue")) {
      if (parser.content_length() && *parser.content_length() > options_.max_body_bytes) co_return 413;
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [error, sent] = co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
      if (error) co_return 0;
    }
    stream_.expires_after(options_.body_timeout);
    auto [body_error, body_size] = co_await beast::http::async_read(stream_, buffer_, parser, kAwait);
    if (body_error) co_return StatusOf(body_error);
    keep_alive_ = parser.get().keep_alive();
    co_return Take(parser.release());
  }

  const Request& request() const override { return request_; }

  async::Task<bool> Respond(Response response) override {
    answered_ = true;
    std::string head = HeadOf(response.status, response.headers);
    if (response.status != 304 && response.status != 204) {
      absl::StrAppend(&head, "Content-Length: ", response.body.size(), "\r\n");
    }
    absl::StrAppend(&head, keep_alive_ ? "" : "Connection: close\r\n", "\r\n");
    if (request_.method == Method::kHead || response.status == 304) response.body.clear();
    // Small answers leave in one segment.
    if (response.body.size() <= kPiece) {
      head.append(response.body);
      co_return co_await Write(std::move(head));
    }
    if (!co_await Write(std::move(head))) co_return false;
    co_return co_await Write(std::move(response.body));
  }

  async::Task<bool> BeginStream(int status, Headers headers) override {
    answered_ = true;
    streaming_ = true;
    std::string head = HeadOf(status, headers);
    absl::StrAppend(&head, "Transfer-Encoding: chunked\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\n");
    asio::co_spawn(stream_.get_executor(), WatchForEnd(shared_from_this()), asio::detached);
    co_return co_await Write(std::move(head));
  }

  async::Task<bool> WriteChunk(std::string bytes) override {
    if (gone_ || bytes.empty()) co_return !gone_;
    std::string chunk = absl::StrCat(absl::Hex(bytes.size()), "\r\n");
    chunk.append(bytes).append("\r\n");
    co_return co_await Write(std::move(chunk));
  }

  async::Task<bool> EndStream() override {
    if (gone_) co_return false;
    ended_ = true;
    // The reader that watches for the end owns the socket's input, so a streamed connection is not used again.
    keep_alive_ = false;
    const bool sent = co_await Write("0\r\n\r\n");
    Close();
    co_return sent;
  }

  void OnGone(std::function<void()> hook) override {
    if (gone_) {
      hook();
    } else {
      hooks_.push_back(std::move(hook));
    }
  }
  bool gone() const override { return gone_; }

  bool answered() const { return answered_; }
  bool keep_alive() const { return keep_alive_ && !gone_ && !streaming_; }
  bool streaming() const { return streaming_; }
  bool idle() const { return idle_; }
  void set_idle(bool idle) {
    idle_ = idle;
    if (idle) answered_ = false;
  }

  void Gone() {
    if (gone_) return;
    gone_ = true;
    for (auto& hook : std::exchange(hooks_, {})) hook();
  }
  void Close() {
    Gone();
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }
  // Lets the last answer reach the client although its request was not read to the end.
  async::Task<void> Linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(2));
    char scrap[4096];
    for (std::size_t total = 0; total < (1u << 20);) {
      auto [error, n] = co_await stream_.async_read_some(asio::buffer(scrap), kAwait);
      if (error) break;
      total += n;
    }
  }

 private:
  static int StatusOf(const beast::error_code& error) {
    if (error == beast::http::error::body_limit) return 413;
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) return 431;
    if (error == beast::error::timeout) return 408;
    if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message) return 0;
    return error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() ? 400 : 0;
  }

  std::optional<int> Take(beast::http::request<beast::http::string_body> message) {
    request_ = Request{};
    request_.method = MethodOf(message.method());
    request_.remote_address = address_;
    const std::string target(message.target());
    if (target.empty() || target.front() != '/') return 400;
    const auto question = target.find('?');
    request_.path = target.substr(0, question);
    if (question != std::string::npos) request_.query = target.substr(question + 1);
    for (const auto& field : message) request_.headers.emplace_back(field.name_string(), field.value());
    request_.body = std::move(message.body());
    return std::nullopt;
  }

  static std::string HeadOf(int status, const Headers& headers) {
    const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
    std::string head = absl::StrCat("HTTP/1.1 ", status, " ", std::string(reason), "\r\n");
    for (const auto& [key, value] : headers) {
      // A value with a line break would let whoever made it write headers of their own.
      if (value.find_first_of("\r\n") != std::string::npos) continue;
      absl::StrAppend(&head, key, ": ", value, "\r\n");
    }
    return head;
  }

  async::Task<bool> Write(std::string bytes) {
    const auto self = shared_from_this();
    for (std::size_t at = 0; at < bytes.size();) {
      if (gone_) co_return false;
      stream_.expires_after(options_.write_timeout);
      const auto piece = asio::buffer(bytes.data() + at, std::min(kPiece, bytes.size() - at));
      auto [error, sent] = co_await asio::async_write(stream_, piece, kAwait);
      if (error) {
        Close();
        co_return false;
      }
      at += sent;
    }
    stream_.expires_never();
    co_return !gone_;
  }

  // A client that streams sends nothing more: whatever arrives, or the end, is the end.
  static async::Task<void> WatchForEnd(std::shared_ptr<Connection> self) {
    char scrap[512];
    while (!self->ended_) {
      auto [error, n] = co_await self->stream_.socket().async_read_some(asio::buffer(scrap), kAwait);
      if (error) break;
    }
    if (!self->ended_) self->Close();
  }

  beast::tcp_stream stream_;
  const ServerOptions& options_;
  std::string address_;
  beast::flat_buffer buffer_{static_cast<std::size_t>(128 * 1024)};
  Request request_;
  std::vector<std::function<void()>> hooks_;
  bool keep_alive_ = true, answered_ = false, streaming_ = false, gone_ = false, ended_ = false, idle_ = true;
};

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(async::Loop& l, ServerOptions o, Handler h)
      : loop(l), options(o), handler(std::move(h)), acceptor(l.executor()) {}

  static async::Task<void> Accept(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      auto [error, socket] = co_await self->acceptor.async_accept(kAwait);
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) co_return;
      if (error) {
        // Out of descriptors: those in use come back; accepting in a tight loop would take the processor meanwhile.
        if (!co_await async::Sleep(std::chrono::milliseconds(50))) co_return;
        continue;
      }
      beast::error_code ignored;
      const auto address = socket.remote_endpoint(ignored).address().to_string();
      socket.set_option(tcp::no_delay(true), ignored);
      if (self->connections.size() >= self->options.max_connections ||
          self->per_address[address] >= self->options.max_connections_per_address) {
        if (self->per_address[address] == 0) self->per_address.erase(address);
        static constexpr std::string_view kBusy =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        socket.send(asio::buffer(kBusy), 0, ignored);
        continue;
      }
      auto connection = std::make_shared<Connection>(std::move(socket), self->options, address);
      self->connections.insert(connection);
      ++self->per_address[address];
      asio::co_spawn(self->loop.executor(), Serve(self, connection, address), asio::detached);
    }
  }

  static async::Task<void> Serve(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection,
                                 std::string address) {
    try {
      co_await Converse(self, connection);
    } catch (const std::exception&) {
      core::Logger("desk").Error("http_handler_failed");
    }
    connection->Close();
    self->connections.erase(connection);
    if (--self->per_address[address] == 0) self->per_address.erase(address);
    self->changed.NotifyAll();
  }

  static async::Task<void> Converse(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
    for (bool first = true; !self->draining; first = false) {
      connection->set_idle(true);
      const std::optional<int> refused = co_await connection->ReadRequest(first);
      if (refused) {
        if (*refused == 0) co_return;
        Response response;
        response.status = *refused;
        response.headers = {{"Connection", "close"}, {"Content-Type", "text/plain"}};
        co_await connection->Respond(std::move(response));
        co_await connection->Linger();
        co_return;
      }
      connection->set_idle(false);
      co_await self->handler(connection);
      if (!connection->answered() || !connection->keep_alive()) co_return;
    }
  }

  async::Loop& loop;
  ServerOptions options;
  Handler handler;
  tcp::acceptor acceptor;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  std::map<std::string, std::size_t> per_address;
  async::Notifier changed;
  bool draining = false;
};

Server::Server(async::Loop& loop, ServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(loop, options, std::move(handler))) {}

Server::~Server() {
  beast::error_code ignored;
  impl_->acceptor.close(ignored);
  for (const auto& connection : std::vector(impl_->connections.begin(), impl_->connections.end())) connection->Close();
}

absl::Status Server::Listen(const std::string& address) {
  const auto colon = address.rfind(':');
  beast::error_code error;
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  int port = -1;
  if (colon != std::string::npos && !absl::SimpleAtoi(address.substr(colon + 1), &port)) port = -1;
  if (error || port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", address, "' is no address to listen on: write an IP address and a port, 0.0.0.0:8080"));
  }
  const tcp::endpoint endpoint(ip, static_cast<unsigned short>(port));
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    impl_->acceptor.close();
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, ": ", error.message(), "; choose another with --desk.listen"));
  }
  asio::co_spawn(impl_->loop.executor(), Impl::Accept(impl_), asio::detached);
  return absl::OkStatus();
}

int Server::port() const {
  beast::error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

std::size_t Server::connections() const {
  return impl_->connections.size();
}

async::Task<void> Server::Drain(core::Deadline deadline) {
  const auto impl = impl_;
  impl->draining = true;
  beast::error_code ignored;
  impl->acceptor.close(ignored);
  for (const auto& connection : std::vector(impl->connections.begin(), impl->connections.end())) {
    if (connection->idle())
      connection->Close();
    else if (connection->streaming())
      connection->Gone();
  }
  while (!impl->connections.empty() && !deadline.Expired()) {
    if (!co_await impl->changed.Wait(deadline)) break;
  }
  for (const auto& connection : std::vector(impl->connections.begin(), impl->connections.end())) connection->Close();
}

}  // namespace haven::desk::http
