#include "services/haven/system_api.h"

#include <chrono>

#include "libs/async/wait.h"
#include "libs/core/error.h"

namespace haven {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;
constexpr int kMaxMessages = 1000;
constexpr std::chrono::seconds kMaxPause{10};

}  // namespace

void SystemApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.system.v1.SystemService";
  registry.Unary(service + "/GetVersion", this, &SystemApi::GetVersion);
  registry.Unary(service + "/Echo", this, &SystemApi::Echo);
  registry.ServerStream(service + "/Count", this, &SystemApi::Count);
  registry.Implements(service);
}

async::Task<absl::StatusOr<system::v1::GetVersionResponse>> SystemApi::GetVersion(rpc::CallPtr,
                                                                                  system::v1::GetVersionRequest) {
  system::v1::GetVersionResponse response;
  response.set_version(version_);
  response.set_hub(hub_);
  co_return response;
}

async::Task<absl::StatusOr<system::v1::EchoResponse>> SystemApi::Echo(rpc::CallPtr, system::v1::EchoRequest request) {
  if (request.text().size() > kMaxText) co_return core::InvalidField("text", "at most 64 KiB");
  system::v1::EchoResponse response;
  response.set_text(std::move(*request.mutable_text()));
  co_return response;
}

async::Task<absl::Status> SystemApi::Count(rpc::CallPtr, system::v1::CountRequest request,
                                           rpc::StreamWriter<system::v1::CountResponse> writer) {
  if (request.messages() < 0 || request.messages() > kMaxMessages) {
    co_return core::InvalidField("messages", "from 0 to 1000");
  }
  const auto& asked = request.pause();
  if (asked.seconds() < 0 || asked.seconds() >= kMaxPause.count() || asked.nanos() < 0) {
    co_return core::InvalidField("pause", "from 0 to less than 10 s");
  }
  const auto pause = std::chrono::seconds(asked.seconds()) + std::chrono::nanoseconds(asked.nanos());
  system::v1::CountResponse response;
  for (int number = 1; number <= request.messages(); ++number) {
    if (pause > pause.zero()) co_await async::Sleep(pause);
    response.set_number(number);
    const bool taken = co_await writer.Write(response);
    if (!taken) co_return absl::CancelledError();
  }
  co_return absl::OkStatus();
}

}  // namespace haven
