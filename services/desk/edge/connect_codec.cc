#include "services/desk/edge/connect_codec.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::desk::edge {
namespace {

namespace pb = google::protobuf;

absl::Status Malformed(std::string_view message) {
  return core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_MALFORMED_BODY, message);
}

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor& type) {
  return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::string_view CodeName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return "canceled";
    case absl::StatusCode::kInvalidArgument:
      return "invalid_argument";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case absl::StatusCode::kNotFound:
      return "not_found";
    case absl::StatusCode::kAlreadyExists:
      return "already_exists";
    case absl::StatusCode::kPermissionDenied:
      return "permission_denied";
    case absl::StatusCode::kResourceExhausted:
      return "resource_exhausted";
    case absl::StatusCode::kFailedPrecondition:
      return "failed_precondition";
    case absl::StatusCode::kAborted:
      return "aborted";
    case absl::StatusCode::kOutOfRange:
      return "out_of_range";
    case absl::StatusCode::kUnimplemented:
      return "unimplemented";
    case absl::StatusCode::kInternal:
      return "internal";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kDataLoss:
      return "data_loss";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    default:
      return "unknown";
  }
}

// A detail's own JSON, for people with curl; null for types this process does not know.
boost::json::value DebugOf(std::string_view type_name, const std::string& bytes) {
  const auto* type = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(type_name));
  if (type == nullptr) return nullptr;
  const auto message = NewMessage(*type);
  std::string json;
  if (!message->ParseFromString(bytes) || !pb::util::MessageToJsonString(*message, &json).ok()) return nullptr;
  boost::json::error_code error;
  return boost::json::parse(json, error);
}

boost::json::object ErrorObject(const absl::Status& status) {
  boost::json::object out;
  const auto code = CodeName(status.code());
  out["code"] = boost::json::string(code.data(), code.size());
  out["message"] = boost::json::string(status.message().data(), status.message().size());
  boost::json::array details;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    const std::string bytes(payload);
    const std::string type(type_url.substr(type_url.rfind('/') + 1));
    std::string value = absl::Base64Escape(bytes);
    while (!value.empty() && value.back() == '=') value.pop_back();
    boost::json::object detail;
    detail["type"] = type;
    detail["value"] = value;
    if (auto debug = DebugOf(type, bytes); !debug.is_null()) detail["debug"] = std::move(debug);
    details.push_back(std::move(detail));
  });
  if (!details.empty()) out["details"] = std::move(details);
  return out;
}

}  // namespace

std::optional<ContentType> ParseContentType(std::string_view header) {
  std::string name(header.substr(0, header.find(';')));
  absl::StripAsciiWhitespace(&name);
  absl::AsciiStrToLower(&name);
  if (name == "application/json") return ContentType{Codec::kJson, false};
  if (name == "application/proto") return ContentType{Codec::kProto, false};
  if (name == "application/connect+json") return ContentType{Codec::kJson, true};
  if (name == "application/connect+proto") return ContentType{Codec::kProto, true};
  return std::nullopt;
}

std::string_view ContentTypeName(ContentType type) {
  if (type.streaming) return type.codec == Codec::kJson ? "application/connect+json" : "application/connect+proto";
  return type.codec == Codec::kJson ? "application/json" : "application/proto";
}

const pb::MethodDescriptor* FindPublicMethod(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > 200) return nullptr;
  path.remove_prefix(1);
  const auto slash = path.find('/');
  if (slash == std::string_view::npos || !path.starts_with("haven.") || path.starts_with("haven.internal."))
    return nullptr;
  // Service and method apart: a method has one path only, whatever stands in front of the hub filters by it.
  const auto* service = pb::DescriptorPool::generated_pool()->FindServiceByName(std::string(path.substr(0, slash)));
  return service == nullptr ? nullptr : service->FindMethodByName(std::string(path.substr(slash + 1)));
}

absl::StatusOr<std::string> DecodeBody(Codec codec, const pb::Descriptor& type, std::string_view body) {
  const auto message = NewMessage(type);
  if (codec == Codec::kProto) {
    if (!message->ParseFromArray(body.data(), static_cast<int>(body.size())))
      return Malformed(absl::StrCat("the body is no ", type.full_name()));
    return std::string(body);
  }
  if (body.empty()) return std::string();
  const auto status = pb::util::JsonStringToMessage(std::string(body), message.get());
  if (!status.ok())
    return Malformed(absl::StrCat("the body is no JSON of ", type.full_name(), ": ", std::string(status.message())));
  return message->SerializeAsString();
}

absl::StatusOr<std::string> EncodeBody(Codec codec, const pb::Descriptor& type, std::string bytes) {
  if (codec == Codec::kProto) return bytes;
  const auto message = NewMessage(type);
  std::string json;
  pb::util::JsonPrintOptions options;
  options.always_print_primitive_fields = false;
  if (!message->ParseFromString(bytes) || !pb::util::MessageToJsonString(*message, &json, options).ok()) {
    return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG,
                           "the answer could not be written as JSON");
  }
  return json;
}

absl::StatusOr<std::string_view> OpenEnvelope(std::string_view body) {
  if (body.size() < 5) return Malformed("a streaming request is one message in a five-byte envelope");
  if (body[0] != 0) return Malformed("compressed or ended envelopes are not accepted");
  std::uint32_t size = 0;
  for (int i = 1; i <= 4; ++i) size = size << 8 | static_cast<unsigned char>(body[static_cast<std::size_t>(i)]);
  if (size != body.size() - 5) return Malformed("the envelope's length is not the message's");
  return body.substr(5);
}

std::string Envelope(std::uint8_t flags, std::string_view data) {
  std::string out;
  out.reserve(data.size() + 5);
  out.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(data.size() >> shift));
  out.append(data);
  return out;
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    default:
      return 500;
  }
}

std::string ErrorJson(const absl::Status& status) {
  return boost::json::serialize(ErrorObject(status));
}

std::string EndStreamJson(const absl::Status& status) {
  boost::json::object out;
  if (!status.ok()) out["error"] = ErrorObject(status);
  return boost::json::serialize(out);
}

std::optional<std::int64_t> ParseTimeoutMs(std::string_view header) {
  std::int64_t ms = 0;
  if (header.empty() || header.size() > 10 || !absl::SimpleAtoi(absl::string_view(header.data(), header.size()), &ms) ||
      ms < 0) {
    return std::nullopt;
  }
  return ms;
}

}  // namespace haven::desk::edge
