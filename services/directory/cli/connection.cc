#include "services/directory/cli/connection.h"

#include <cstdlib>
#include <utility>

#include "libs/async/block_on.h"
#include "libs/crypto/ed25519.h"
#include "libs/crypto/secret_file.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(std::vector<std::string> args,
                                                             std::vector<std::string>* rest) {
  const std::string address = TakeFlag(&args, "address");
  const std::string key_file = TakeFlag(&args, "key-file");
  const std::string authority = TakeFlag(&args, "authority");
  LoadedConfig loaded;
  if (auto status = LoadConfig(args, &loaded); !status.ok()) return status;
  *rest = loaded.rest;
  auto connection = std::unique_ptr<Connection>(new Connection());
  connection->loop_.Start();
  const absl::Status status =
      address.empty() ? connection->OpenLocal(loaded.settings) : connection->OpenRemote(address, key_file, authority);
  if (!status.ok()) return status;
  return connection;
}

Connection::~Connection() {
  channel_.reset();
  loop_.Stop();
}

absl::Status Connection::OpenLocal(const ProcessSettings& settings) {
  if (settings.data_dir.empty()) {
    return absl::InvalidArgumentError("which hub? Give its configuration with --config=FILE, or --address=HOST:PORT");
  }
  auto key = crypto::SigningKey::Load(settings.data_dir + "/keys/services.key");
  if (!key.ok()) {
    return absl::FailedPreconditionError(Cat("the hub's key cannot be read (", std::string(key.status().message()),
                                             "); run this as the hub's user, or as root"));
  }
  issuer_ = rpc::NewTokenIssuer(*std::move(key), rpc::KeyUse::kServices, settings.hub_id, core::SystemClock());
  rpc::ChannelOptions options;
  options.identity = rpc::NewServiceTokenSource(*issuer_, "admin", core::SystemClock());
  channel_ = rpc::Channel::Connect(loop_, Cat("unix:", settings.socket_path()), std::move(options));
  return absl::OkStatus();
}

absl::Status Connection::OpenRemote(const std::string& address, const std::string& key_file,
                                    const std::string& authority) {
  std::string key;
  if (const char* variable = std::getenv("HAVEN_KEY")) key = variable;
  if (!key_file.empty()) {
    auto content = crypto::ReadSecretFile(key_file);
    if (!content.ok()) return absl::InvalidArgumentError(std::string(content.status().message()));
    key = std::string(Trim(*content));
  }
  if (key.empty())
    return absl::InvalidArgumentError("an API key is needed: --key-file=FILE, or the variable HAVEN_KEY");
  rpc::ChannelOptions options;
  options.identity = rpc::NewFixedTokenSource(key);
  options.tls_authority = authority;
  channel_ = rpc::Channel::Connect(loop_, address, std::move(options));
  return absl::OkStatus();
}

absl::Status Connection::Send(const std::string& method, const google::protobuf::Message& request,
                              google::protobuf::Message* response) {
  rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(60)));
  options.attempts = 3;  // everything sent from here is a read or carries a request_id, or fails whole
  return async::BlockOn(loop_, channel_->CallMessage(method, request, response, std::move(options)));
}

}  // namespace haven::directory
