#include "libs/rpc/registry.h"

#include <catch2/catch.hpp>

#include "libs/rpc/test_hub.h"

namespace haven::rpc {
namespace {

async::Task<absl::StatusOr<TestResponse>> Right(CallPtr, TestRequest) {
  co_return TestResponse();
}
async::Task<absl::StatusOr<TestRequest>> WrongType(CallPtr, TestRequest) {
  co_return TestRequest();
}
async::Task<absl::Status> Streaming(CallPtr, TestRequest, StreamWriter<TestResponse>) {
  co_return absl::OkStatus();
}

bool Says(const Registry& registry, const std::string& text) {
  return std::string(registry.Validate().message()).find(text) != std::string::npos;
}

using Unary = UnaryHandler<TestRequest, TestResponse>;

TEST_CASE("Registry_CompleteService_IsValid") {
  Registry registry;
  TestApi api;
  api.Register(registry);
  CHECK(registry.Validate().ok());
}

TEST_CASE("Registry_TellsEveryMistake") {
  Registry registry;
  const std::string s = "haven.rpctest.v1.TestService/";
  const std::string c = "haven.rpctest.v1.CarelessService/";
  registry.Unary(s + "Opne", Unary(Right));
  registry.Unary(s + "Open", UnaryHandler<TestRequest, TestRequest>(WrongType));
  registry.Unary(s + "Work", Unary(Right));
  registry.Unary(s + "Work", Unary(Right));
  registry.Unary(s + "Feed", Unary(Right));
  registry.ServerStream(s + "Visit", StreamHandler<TestRequest, TestResponse>(Streaming));
  registry.Unary(c + "Forgotten", Unary(Right));
  registry.Unary(c + "Nobody", Unary(Right));
  registry.Unary(c + "Upload", Unary(Right));
  registry.Implements("haven.rpctest.v1.TestService");
  registry.Implements("haven.rpctest.v1.NoService");
  CHECK(Says(registry, "TestService/Opne: no such method"));
  CHECK(Says(registry,
             "TestService/Open: handler is haven.rpctest.v1.TestRequest -> haven.rpctest.v1.TestRequest, proto is"));
  CHECK(Says(registry, "TestService/Work: registered twice"));
  CHECK(Says(registry, "TestService/Feed: handler is"));
  CHECK(Says(registry, "TestService/Visit: handler is"));
  CHECK(Says(registry, "CarelessService/Forgotten: option haven.options.v1.access is missing"));
  CHECK(Says(registry, "CarelessService/Nobody: option haven.options.v1.access is missing"));
  CHECK(Says(registry, "CarelessService/Upload: client streams are not served"));
  CHECK(Says(registry, "TestService/Integrate: has no handler"));
  CHECK(Says(registry, "NoService: no such service"));
  async::Loop loop;
  Server server(loop, registry, {});
  CHECK_FALSE(server.Start().ok());
}

TEST_CASE("Server_PortInUse_IsAClearError") {
  TestHub hub(Topology::kTcp);
  Registry empty;
  Server second(hub.loop, empty, {});
  REQUIRE(second.AddTcp("127.0.0.1:" + std::to_string(hub.server->port())).ok());
  const auto status = second.Start();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(std::string(status.message()).find("cannot listen on 127.0.0.1:") != std::string::npos);
}

TEST_CASE("Server_UnixSocket_IsForItsOwnerAlone_AndReplacesAStaleOne") {
  std::string path;
  {
    TestHub hub(Topology::kUnix);
    path = hub.folder + "/s";
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK_FALSE(hub.server->AddUnix("/" + std::string(200, 'p')).ok());
  }
}

}  // namespace
}  // namespace haven::rpc
