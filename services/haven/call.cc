// haven call: one gRPC call from the command line, JSON in and out.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/async/block_on.h"
#include "libs/core/error.h"
#include "libs/rpc/channel.h"
#include "services/haven/access.h"
#include "services/haven/command.h"

namespace haven {
namespace {

namespace pb = google::protobuf;

constexpr const char* kUsage =
    "usage: haven call [--address=host:port|unix:/path] [--key-file=FILE] [--authority=CA.pem] [--seconds=N] METHOD "
    "[JSON]\n"
    "  METHOD  as in haven.routing.v1.RoutingService/SetActivity\n"
    "  The credential is read from --key-file or HAVEN_KEY, never from the command line, where others would see it.\n";

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor* type) {
  return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void PrintMessage(const pb::Message& message) {
  std::string json;
  if (!pb::util::MessageToJsonString(message, &json).ok()) json = "{}";
  std::cout << json << std::endl;
}

int Explain(const absl::Status& status) {
  std::cerr << absl::StatusCodeToString(status.code()) << ": " << status.message();
  if (const auto reason = core::ReasonOf(status)) std::cerr << " (" << errors::v1::Reason_Name(*reason) << ")";
  std::cerr << "\n";
  for (const auto& violation : core::ViolationsOf(status))
    std::cerr << "  " << violation.field << ": " << violation.description << "\n";
  return 1;
}

async::Task<absl::Status> Follow(std::shared_ptr<rpc::Channel> channel, std::string method, std::string request,
                                 rpc::CallOptions options, const pb::Descriptor* type) {
  auto stream = channel->StreamRaw(std::move(method), std::move(request), std::move(options));
  while (auto bytes = co_await stream->Next()) {
    auto message = NewMessage(type);
    if (!message->ParseFromString(*bytes)) co_return absl::InternalError("the hub sent something else");
    PrintMessage(*message);
  }
  co_return stream->status();
}

}  // namespace

int RunCall(const std::vector<std::string>& args) {
  std::vector<std::string> rest = args;
  const std::string address = TakeFlag(&rest, "address");
  const std::string key_file = TakeFlag(&rest, "key-file");
  const std::string authority = TakeFlag(&rest, "authority");
  const std::string seconds = TakeFlag(&rest, "seconds");
  if (rest.empty() || rest.size() > 2) {
    std::cerr << kUsage;
    return 2;
  }
  PublicAndInternalServices();
  std::string name = rest[0];
  if (const auto slash = name.find('/'); slash != std::string::npos) name[slash] = '.';
  const auto* method = pb::DescriptorPool::generated_pool()->FindMethodByName(name);
  if (method == nullptr) return Fail("call", absl::InvalidArgumentError(absl::StrCat("no method ", rest[0])));
  auto request = NewMessage(method->input_type());
  const auto parsed = pb::util::JsonStringToMessage(rest.size() > 1 ? rest[1] : "{}", request.get());
  if (!parsed.ok()) return Fail("call", absl::InvalidArgumentError(std::string(parsed.message())));
  std::string credential;
  if (const char* key = std::getenv("HAVEN_KEY")) credential = key;
  if (!key_file.empty()) {
    std::ifstream in(key_file);
    if (!(in >> credential)) return Fail("call", absl::InvalidArgumentError(absl::StrCat("cannot read ", key_file)));
  }
  async::Loop loop;
  loop.Start();
  rpc::ChannelOptions channel_options;
  channel_options.tls_authority = authority;
  auto channel = rpc::Channel::Connect(loop, address.empty() ? "127.0.0.1:9080" : address, channel_options);
  rpc::CallOptions options(core::Deadline::After(
      std::chrono::seconds(seconds.empty() ? (method->server_streaming() ? 86'400 : 15) : std::atoi(seconds.c_str()))));
  options.token = credential;
  const std::string full = absl::StrCat(method->service()->full_name(), "/", method->name());
  absl::Status status;
  if (method->server_streaming()) {
    status = async::BlockOn(loop, Follow(channel, full, request->SerializeAsString(), options, method->output_type()));
    // The time asked for is over: that is how a watch ends.
    if (absl::IsDeadlineExceeded(status) && !seconds.empty()) status = absl::OkStatus();
  } else {
    auto bytes = async::BlockOn(loop, channel->RawCall(full, request->SerializeAsString(), options));
    auto response = NewMessage(method->output_type());
    if (bytes.ok() && response->ParseFromString(*bytes)) PrintMessage(*response);
    status = bytes.status();
  }
  channel.reset();
  loop.Stop();
  return status.ok() ? 0 : Explain(status);
}

}  // namespace haven
