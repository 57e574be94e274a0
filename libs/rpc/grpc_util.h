#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace haven::rpc {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// One slice, written once.
grpc::ByteBuffer Serialize(const google::protobuf::Message& message);
grpc::ByteBuffer FromText(const std::string& bytes);
bool Parse(grpc::ByteBuffer* bytes, google::protobuf::Message* into);
std::string ToText(const grpc::ByteBuffer& bytes);

}  // namespace haven::rpc
