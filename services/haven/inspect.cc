// Commands that only look: config, version, health, access.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "services/haven/access.h"
#include "services/haven/command.h"

namespace haven {
namespace {

namespace http = boost::beast::http;

}  // namespace

int RunConfig(const std::vector<std::string>& args) {
  std::vector<std::string> rest = args;
  const bool sample = TakeSwitch(&rest, "sample");
  LoadedConfig loaded;
  if (auto status = LoadConfig(rest, &loaded); !status.ok()) return Fail("config", status);
  std::cout << (sample ? loaded.config.Sample() : loaded.config.Effective());
  if (sample) return 0;
  const auto status = loaded.settings.Check();
  return status.ok() ? 0 : Fail("config", status);
}

int RunVersion(const std::vector<std::string>&) {
  std::cout << "haven " << HAVEN_VERSION << "\n";
  return 0;
}

// Asks /readyz of the running hub: 0 ready, 1 not (with its answer).
int RunHealth(const std::vector<std::string>& args) {
  LoadedConfig loaded;
  if (auto status = LoadConfig(args, &loaded); !status.ok()) return Fail("health", status);
  boost::system::error_code error;
  boost::asio::io_context io;
  boost::beast::tcp_stream stream(io);
  const auto address = boost::asio::ip::make_address(loaded.settings.admin_address, error);
  if (!error) stream.connect({address, static_cast<unsigned short>(loaded.settings.admin_port)}, error);
  http::request<http::empty_body> request{http::verb::get, "/readyz", 11};
  request.set(http::field::host, "localhost");
  if (!error) http::write(stream, request, error);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  if (!error) http::read(stream, buffer, response, error);
  if (error)
    return Fail("health",
                absl::UnavailableError(absl::StrCat("the hub does not answer on ", loaded.settings.admin_address, ":",
                                                    loaded.settings.admin_port)));
  std::cout << response.body() << "\n";
  return response.result() == http::status::ok ? 0 : 1;
}

int RunAccess(const std::vector<std::string>&) {
  std::cout << AccessDocument();
  return 0;
}

}  // namespace haven
