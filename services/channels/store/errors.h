#pragma once

#include "absl/status/status.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::channels {

// The same for an unknown id and for one that the caller may not see.
inline absl::Status NotFound() {
  return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such conversation or contact");
}

inline absl::Status TokenEnded() {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                         "this chat's token has ended");
}

}  // namespace haven::channels
