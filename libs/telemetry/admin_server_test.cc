#include "libs/telemetry/admin_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/block_on.h"
#include "libs/core/error.h"

namespace haven::telemetry {
namespace {

std::string Exchange(int fd, const std::string& request) {
  REQUIRE(::write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::string reply;
  char buffer[4096];
  ssize_t n;
  while ((n = ::read(fd, buffer, sizeof buffer)) > 0) reply.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return reply;
}

std::string Get(int port, const std::string& target, const std::string& method = "GET") {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return Exchange(fd, method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

async::Task<absl::Status> Fine(core::Deadline) {
  co_return absl::OkStatus();
}
async::Task<absl::Status> Broken(core::Deadline) {
  co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "no connection");
}
async::Task<absl::Status> Leaky(core::Deadline) {
  co_return absl::InternalError("password hunter2");
}

struct Fixture {
  Fixture() {
    loop.Start();
    REQUIRE(admin.Start("127.0.0.1:0").ok());
  }
  ~Fixture() { async::BlockOn(loop, admin.Drain(core::Deadline::After(std::chrono::seconds(10)))); }
  void OnLoop(std::function<void()> work) { async::BlockOn(loop, Run(std::move(work))); }
  static async::Task<void> Run(std::function<void()> work) {
    work();
    co_return;
  }

  async::Loop loop;
  Metrics metrics;
  Health health;
  AdminServer admin{loop, metrics, health};
};

TEST_CASE_METHOD(Fixture, "Admin_Healthz_AnswersWhileTheLoopRuns") {
  CHECK(Get(admin.port(), "/healthz").rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
}

TEST_CASE_METHOD(Fixture, "Admin_Metrics_AreExposed") {
  metrics.AddGauge("haven_test_things_now", "Things.").Set(3);
  const auto reply = Get(admin.port(), "/metrics");
  CHECK(reply.find("version=0.0.4") != std::string::npos);
  CHECK(reply.find("\nhaven_test_things_now 3\n") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Admin_Readyz_NeedsServingAndEveryRequiredDependency") {
  CHECK(Get(admin.port(), "/readyz").find(R"({"ready":false,"state":"starting","checks":{}})") != std::string::npos);
  OnLoop([this] {
    health.SetServing(true, "serving");
    health.Add("routing.redis", Fine);
    health.Add("routing.extra", Broken, false);
  });
  auto reply = Get(admin.port(), "/readyz");
  CHECK(reply.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(reply.find(R"("routing.redis":{"ok":true})") != std::string::npos);
  CHECK(reply.find(R"("routing.extra":{"ok":false,"required":false,"code":"UNAVAILABLE",)") != std::string::npos);
  OnLoop([this] { health.Add("directory.database", Broken); });
  reply = Get(admin.port(), "/readyz");
  CHECK(reply.rfind("HTTP/1.1 503 ", 0) == 0);
  CHECK(reply.find("no connection") != std::string::npos);
  OnLoop([this] { health.Remove("directory."); });
  CHECK(Get(admin.port(), "/readyz").rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
}

TEST_CASE_METHOD(Fixture, "Admin_Readyz_QuotesNoLibrary") {
  OnLoop([this] { health.Add("x", Leaky); });
  const auto reply = Get(admin.port(), "/readyz");
  CHECK(reply.find("hunter2") == std::string::npos);
  CHECK(reply.find("INTERNAL") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Admin_OtherRequests_AreRefused") {
  CHECK(Get(admin.port(), "/").rfind("HTTP/1.1 404 ", 0) == 0);
  CHECK(Get(admin.port(), "/metrics", "POST").rfind("HTTP/1.1 405 ", 0) == 0);
  CHECK(Get(admin.port(), "/" + std::string(20000, 'a')).empty());
}

TEST_CASE_METHOD(Fixture, "Admin_AddressInUse_IsAClearError") {
  AdminServer second(loop, metrics, health);
  const auto status = second.Start("127.0.0.1:" + std::to_string(admin.port()));
  CHECK(core::ReasonOf(status) == errors::v1::REASON_DEPENDENCY_DOWN);
  CHECK(std::string(status.message()).find("Address already in use") != std::string::npos);
  CHECK_FALSE(second.Start("nowhere").ok());
  CHECK_FALSE(second.Start("127.0.0.1:99999").ok());
}

TEST_CASE_METHOD(Fixture, "Admin_UnixSocket_ServesAndIsRemoved") {
  char folder[] = "/tmp/haven-admin-XXXXXX";
  const std::string path = std::string(::mkdtemp(folder)) + "/admin.sock";
  {
    AdminServer second(loop, metrics, health);
    REQUIRE(second.Start("unix:" + path).ok());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(Exchange(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("200 OK") !=
          std::string::npos);
    async::BlockOn(loop, second.Drain(core::Deadline::After(std::chrono::seconds(10))));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace haven::telemetry
