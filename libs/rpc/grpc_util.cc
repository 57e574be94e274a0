#include "libs/rpc/grpc_util.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <vector>

#include "libs/core/error.h"

namespace haven::rpc {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      core::SerializeDetails(status));
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return core::FromWire(static_cast<absl::StatusCode>(status.error_code()), status.error_message(),
                        status.error_details());
}

grpc::ByteBuffer Serialize(const google::protobuf::Message& message) {
  const std::size_t size = message.ByteSizeLong();
  grpc_slice raw = grpc_slice_malloc(size);
  message.SerializeWithCachedSizesToArray(GRPC_SLICE_START_PTR(raw));
  const grpc::Slice slice(raw, grpc::Slice::STEAL_REF);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer FromText(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

bool Parse(grpc::ByteBuffer* bytes, google::protobuf::Message* into) {
  if (!bytes->Valid()) return false;
  grpc::ProtoBufferReader reader(bytes);
  return reader.status().ok() && into->ParseFromZeroCopyStream(&reader);
}

std::string ToText(const grpc::ByteBuffer& bytes) {
  std::string out;
  if (!bytes.Valid()) return out;
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return out;
  for (const auto& slice : slices) out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return out;
}

}  // namespace haven::rpc
