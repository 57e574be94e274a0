#include "libs/rpc/status.h"

#include <string>

#include "haven/errors/v1/errors.pb.h"

namespace haven::rpc {
namespace {

// Codes that say nothing a caller could act on are our mistakes.
absl::StatusCode InClosedSet(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kDataLoss:
      return absl::StatusCode::kInternal;
    default:
      return code;
  }
}

}  // namespace

core::Reason DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return errors::v1::REASON_INVALID_FIELD;
    case absl::StatusCode::kUnauthenticated:
      return errors::v1::REASON_UNAUTHENTICATED;
    case absl::StatusCode::kPermissionDenied:
      return errors::v1::REASON_FORBIDDEN;
    case absl::StatusCode::kNotFound:
      return errors::v1::REASON_NOT_FOUND;
    case absl::StatusCode::kFailedPrecondition:
      return errors::v1::REASON_WRONG_STATE;
    case absl::StatusCode::kAborted:
      return errors::v1::REASON_LOST_RACE;
    case absl::StatusCode::kResourceExhausted:
      return errors::v1::REASON_OVERLOADED;
    case absl::StatusCode::kUnavailable:
      return errors::v1::REASON_DEPENDENCY_DOWN;
    case absl::StatusCode::kAlreadyExists:
      return errors::v1::REASON_ALREADY_EXISTS;
    case absl::StatusCode::kDeadlineExceeded:
      return errors::v1::REASON_DEADLINE_EXCEEDED;
    case absl::StatusCode::kUnimplemented:
      return errors::v1::REASON_UNKNOWN_METHOD;
    case absl::StatusCode::kCancelled:
      return errors::v1::REASON_CANCELLED;
    default:
      return errors::v1::REASON_BUG;
  }
}

absl::Status MakePublic(absl::Status status, bool* added) {
  *added = false;
  if (status.ok() || core::ReasonOf(status)) return status;
  *added = true;
  const auto code = InClosedSet(status.code());
  return core::MakeError(code, DefaultReason(code),
                         code == absl::StatusCode::kInternal ? "internal error" : absl::StatusCodeToString(code));
}

absl::Status WithDefaultReason(absl::Status status) {
  if (status.ok() || core::ReasonOf(status)) return status;
  const std::string message(status.message());
  auto reason = DefaultReason(status.code());
  // gRPC's own bound on message sizes, either way.
  if (status.code() == absl::StatusCode::kResourceExhausted && message.find("larger than max") != std::string::npos) {
    reason = errors::v1::REASON_TOO_LARGE;
  }
  return core::MakeError(status.code(), reason, message);
}

}  // namespace haven::rpc
