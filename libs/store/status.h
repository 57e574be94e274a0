#pragma once

#include <string>

#include "absl/status/status.h"

// What libs/store returns (core/error.h carries code, reason and metadata; no SQL value is ever in a message):
//   connection lost or refused, server away    UNAVAILABLE        REASON_DEPENDENCY_DOWN   outcome=none|unknown
//   deadline passed, or cancelled by it        DEADLINE_EXCEEDED  REASON_DEADLINE_EXCEEDED outcome=none|unknown
//   too many callers waiting                   RESOURCE_EXHAUSTED REASON_OVERLOADED        RetryInfo
//   unique violation                           ALREADY_EXISTS     REASON_ALREADY_EXISTS    constraint=...
//   other constraint                           FAILED_PRECONDITION REASON_WRONG_STATE      constraint=...
//   serialisation failure, deadlock, lock not available, haven.require() false, the same inbox or idempotency row
//   written by somebody else meanwhile         ABORTED            REASON_LOST_RACE         what=...
//   value does not fit its type                INVALID_ARGUMENT   REASON_INVALID_FIELD
//   anything else                              INTERNAL           REASON_BUG               sqlstate=..., statement=...
namespace haven::store {

// Name of the violated constraint; empty if the status is no constraint violation.
std::string ConstraintOf(const absl::Status& status);

// True if the change may or may not have been committed: the connection was lost, or the deadline passed, after the
// commit (or the autocommitted statement) had been sent. Repeat with the same request id.
bool OutcomeUnknown(const absl::Status& status);

}  // namespace haven::store
