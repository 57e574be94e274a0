#pragma once

#include "absl/status/status.h"
#include "libs/core/error.h"

namespace haven::rpc {

// The reason that stands for a code alone: for statuses made by libraries.
core::Reason DefaultReason(absl::StatusCode code);

// Makes `status` fit to leave: one of the closed set of codes, with a reason. A status without one comes from a
// library, so its message, which may quote anything, is replaced. `added` tells whether that happened.
absl::Status MakePublic(absl::Status status, bool* added);

// For statuses that the transport made on the client's side: adds the reason, keeps the message.
absl::Status WithDefaultReason(absl::Status status);

}  // namespace haven::rpc
