#include "libs/telemetry/admin_server.h"

#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"

namespace haven::telemetry {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using asio::local::stream_protocol;
using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

constexpr std::size_t kMaxConnections = 64;
constexpr std::chrono::seconds kIdle{15};
constexpr std::chrono::seconds kCheckTime{3};

absl::Status CannotListen(const std::string& address, const std::string& why) {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         absl::StrCat("admin listener ", address, ": ", why));
}

}  // namespace

struct AdminServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(async::Loop& l, Metrics& m, Health& h) : loop(l), metrics(m), health(h), group(l, "admin") {}

  absl::Status StartTcp(const std::string& address);
  absl::Status StartUnix(const std::string& path);
  template <class Acceptor>
  absl::Status Open(Acceptor& acceptor, const typename Acceptor::endpoint_type& endpoint, const std::string& address);
  template <class Acceptor>
  async::Task<void> Accept(Acceptor* acceptor);
  template <class Protocol>
  async::Task<void> Serve(typename Protocol::socket socket);
  async::Task<Response> Answer(Request request);
  void Close();

  async::Loop& loop;
  Metrics& metrics;
  Health& health;
  async::TaskGroup group;
  std::optional<tcp::acceptor> tcp_acceptor;
  std::optional<stream_protocol::acceptor> unix_acceptor;
  std::string unix_path;
  int port = 0;
};

template <class Acceptor>
absl::Status AdminServer::Impl::Open(Acceptor& acceptor, const typename Acceptor::endpoint_type& endpoint,
                                     const std::string& address) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error ? CannotListen(address, error.message()) : absl::OkStatus();
}

absl::Status AdminServer::Impl::StartTcp(const std::string& address) {
  const auto colon = address.rfind(':');
  int number = 0;
  boost::system::error_code error;
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto ip = asio::ip::make_address(host, error);
  if (error || colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &number) || number < 0 ||
      number > 65535) {
    return CannotListen(address, "must be an IP address, a colon and a port");
  }
  tcp_acceptor.emplace(loop.executor());
  const auto opened = Open(*tcp_acceptor, tcp::endpoint(ip, static_cast<unsigned short>(number)), address);
  if (!opened.ok()) return opened;
  port = tcp_acceptor->local_endpoint().port();
  group.Spawn(Accept(&*tcp_acceptor));
  return absl::OkStatus();
}

absl::Status AdminServer::Impl::StartUnix(const std::string& path) {
  ::unlink(path.c_str());
  unix_acceptor.emplace(loop.executor());
  const auto opened = Open(*unix_acceptor, stream_protocol::endpoint(path), "unix:" + path);
  if (!opened.ok()) return opened;
  unix_path = path;
  group.Spawn(Accept(&*unix_acceptor));
  return absl::OkStatus();
}

template <class Acceptor>
async::Task<void> AdminServer::Impl::Accept(Acceptor* acceptor) {
  const auto self = shared_from_this();
  while (true) {
    boost::system::error_code error;
    auto socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
    const bool cancelled = co_await async::Cancelled();
    if (cancelled || error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, most likely: waiting is all that helps.
      co_await async::Sleep(std::chrono::milliseconds(100));
      continue;
    }
    if (group.active() > kMaxConnections) continue;
    group.Spawn(Serve<typename Acceptor::protocol_type>(std::move(socket)));
  }
}

template <class Protocol>
async::Task<void> AdminServer::Impl::Serve(typename Protocol::socket socket) {
  const auto self = shared_from_this();
  beast::basic_stream<Protocol> stream(std::move(socket));
  beast::flat_buffer buffer(16 * 1024);
  while (true) {
    Request request;
    boost::system::error_code error;
    stream.expires_after(kIdle);
    co_await http::async_read(stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const bool keep_alive = request.keep_alive();
    Response response = co_await Answer(std::move(request));
    response.keep_alive(keep_alive);
    response.prepare_payload();
    stream.expires_after(kIdle);
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    const bool cancelled = co_await async::Cancelled();
    if (error || !keep_alive || cancelled) co_return;
  }
}

async::Task<Response> AdminServer::Impl::Answer(Request request) {
  Response response(http::status::ok, request.version());
  response.set(http::field::cache_control, "no-store");
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET");
  } else if (request.target() == "/metrics") {
    response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    response.body() = metrics.Exposition();
  } else if (request.target() == "/healthz") {
    response.body() = "ok\n";
  } else if (request.target() == "/readyz") {
    const auto report = co_await health.Check(core::Deadline::After(kCheckTime));
    response.result(report.ready ? http::status::ok : http::status::service_unavailable);
    response.set(http::field::content_type, "application/json");
    response.body() = report.json + "\n";
  } else {
    response.result(http::status::not_found);
    response.body() = "GET /metrics, /healthz or /readyz\n";
  }
  co_return response;
}

void AdminServer::Impl::Close() {
  boost::system::error_code ignored;
  if (tcp_acceptor) tcp_acceptor->close(ignored);
  if (unix_acceptor) unix_acceptor->close(ignored);
  if (!unix_path.empty()) ::unlink(unix_path.c_str());
  unix_path.clear();
}

AdminServer::AdminServer(async::Loop& loop, Metrics& metrics, Health& health)
    : impl_(std::make_shared<Impl>(loop, metrics, health)) {}

AdminServer::~AdminServer() {
  impl_->Close();
}

absl::Status AdminServer::Start(const std::string& address) {
  constexpr std::string_view kUnix = "unix:";
  if (address.compare(0, kUnix.size(), kUnix) == 0) return impl_->StartUnix(address.substr(kUnix.size()));
  return impl_->StartTcp(address);
}

int AdminServer::port() const {
  return impl_->port;
}

async::Task<void> AdminServer::Drain(core::Deadline deadline) {
  const auto impl = impl_;
  impl->Close();
  co_await impl->group.Drain(deadline);
}

}  // namespace haven::telemetry
