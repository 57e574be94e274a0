#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace google::protobuf {
class MethodDescriptor;
class Descriptor;
}  // namespace google::protobuf

// The Connect protocol (https://connectrpc.com/docs/protocol) as far as Haven serves it: unary and server streams, JSON
// and protobuf bodies, no compression.
namespace haven::desk::edge {

enum class Codec { kJson, kProto };

struct ContentType {
  Codec codec = Codec::kJson;
  bool streaming = false;
};

// nullopt for anything but application/json, application/proto, application/connect+json and application/connect+proto
// (parameters such as charset=utf-8 are accepted).
std::optional<ContentType> ParseContentType(std::string_view header);
std::string_view ContentTypeName(ContentType type);

// A public method by its path "/haven.routing.v1.RoutingService/SetActivity"; null if there is none or it is internal.
const google::protobuf::MethodDescriptor* FindPublicMethod(std::string_view path);

// Body to protobuf bytes. INVALID_ARGUMENT REASON_MALFORMED_BODY for what is not exactly the type: unknown fields and
// enum values, wrong types, trailing text. An empty JSON body is the empty message.
absl::StatusOr<std::string> DecodeBody(Codec codec, const google::protobuf::Descriptor& type, std::string_view body);
// Protobuf bytes to body.
absl::StatusOr<std::string> EncodeBody(Codec codec, const google::protobuf::Descriptor& type, std::string bytes);

// The one enveloped message of a streaming request; INVALID_ARGUMENT if it is not exactly one uncompressed envelope.
absl::StatusOr<std::string_view> OpenEnvelope(std::string_view body);
std::string Envelope(std::uint8_t flags, std::string_view data);
inline constexpr std::uint8_t kEndStream = 0x02;

int HttpStatusOf(absl::StatusCode code);
// {"code":"not_found","message":"...","details":[...]}; details carry their JSON in "debug" so that curl shows them.
std::string ErrorJson(const absl::Status& status);
// The body of the end-of-stream envelope.
std::string EndStreamJson(const absl::Status& status);

// Connect-Timeout-Ms: at most 10 digits; nullopt if absent or malformed.
std::optional<std::int64_t> ParseTimeoutMs(std::string_view header);

}  // namespace haven::desk::edge
