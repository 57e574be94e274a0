#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/loop.h"
#include "libs/core/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/tokens.h"
#include "services/haven/command.h"

namespace haven::directory {

// How a command of an administrator reaches the hub: on its machine through its socket, as the service "admin" with the
// key that only the hub's user can read; from elsewhere by --address, with an API key from --key-file or HAVEN_KEY.
class Connection {
 public:
  // Takes --address, --key-file and --authority out of `args`; the rest is the configuration's (--config and settings)
  // and the command's own, which stay in `rest`.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(std::vector<std::string> args,
                                                          std::vector<std::string>* rest);
  ~Connection();

  template <class Resp, class Req>
  absl::StatusOr<Resp> Call(const std::string& method, const Req& request) {
    Resp response;
    absl::Status status = Send(method, request, &response);
    if (!status.ok()) return status;
    return response;
  }

 private:
  Connection() = default;
  absl::Status OpenLocal(const ProcessSettings& settings);
  absl::Status OpenRemote(const std::string& address, const std::string& key_file, const std::string& authority);
  absl::Status Send(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  async::Loop loop_;
  std::unique_ptr<rpc::TokenIssuer> issuer_;
  std::shared_ptr<rpc::Channel> channel_;
};

}  // namespace haven::directory
