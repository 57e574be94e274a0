#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <memory>

#include "libs/rpc/server_core.h"

namespace haven::rpc {

// The generic service: every call of every method arrives here, on gRPC's threads.
class GenericService final : public grpc::CallbackGenericService {
 public:
  explicit GenericService(ServerCore& core) : core_(core) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

 private:
  ServerCore& core_;
};

}  // namespace haven::rpc
