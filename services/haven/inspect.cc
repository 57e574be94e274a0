// Commands that only look: config, version, health, access.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iostream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "haven/options/v1/access.pb.h"
#include "services/haven/access.h"
#include "services/haven/command.h"

namespace haven {
namespace {

namespace pb = google::protobuf;
namespace http = boost::beast::http;

// "AUDIENCE_STAFF" as "staff".
std::string Word(const std::string& name) {
  std::string out = name.substr(name.find('_') + 1);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return out;
}

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

std::string AccessTable() {
  std::map<std::string, std::string> rows;
  for (const auto& service : PublicAndInternalServices()) {
    const auto* descriptor = pb::DescriptorPool::generated_pool()->FindServiceByName(service);
    if (descriptor == nullptr) continue;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto& access = descriptor->method(i)->options().GetExtension(options::v1::access);
      std::vector<std::string> audiences, roles;
      for (const int audience : access.audiences())
        audiences.push_back(Word(options::v1::Audience_Name(static_cast<options::v1::Audience>(audience))));
      for (const int role : access.roles())
        roles.push_back(Word(options::v1::Role_Name(static_cast<options::v1::Role>(role))));
      rows[absl::StrCat(service, "/", descriptor->method(i)->name())] =
          absl::StrCat(absl::StrJoin(audiences, ", "), " | ", roles.empty() ? "any" : absl::StrJoin(roles, ", "), " | ",
                       access.scope());
    }
  }
  std::string out =
      "# Who may call what\n\nWritten by `haven access`; a test compares it with the contract.\n\n| method | audience "
      "| roles of staff | scope of keys |\n|---|---|---|---|\n";
  for (const auto& [method, access] : rows) absl::StrAppend(&out, "| ", method, " | ", access, " |\n");
  return out;
}

int RunAccess(const std::vector<std::string>&) {
  std::cout << AccessTable();
  return 0;
}

}  // namespace haven
