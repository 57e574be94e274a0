#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace haven::errors::v1 {
enum Reason : int;
}

namespace haven::core {

using errors::v1::Reason;

// One mistake in a request: `field` is the path as in JSON ("spec.queues[2].hours"), `description` says what to do.
struct FieldViolation {
  std::string field;
  std::string description;
};

// Metadata of an error: keys in lower snake case; never personal data, message text, numbers of people.
using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

// The one maker of errors that leave a service. `message` is for developers, in English, free of anything personal.
// Carried as google.rpc.ErrorInfo (domain "haven") in the status payload. See proto/README.md for the table.
absl::Status MakeError(absl::StatusCode code, Reason reason, std::string_view message, ErrorMetadata metadata = {});

// INVALID_ARGUMENT with google.rpc.BadRequest naming every violation at once.
absl::Status InvalidFields(std::vector<FieldViolation> violations);
absl::Status InvalidField(std::string field, std::string description);

// RESOURCE_EXHAUSTED with google.rpc.RetryInfo.
absl::Status LimitError(Reason reason, std::string_view message, std::chrono::milliseconds retry_after);

// The reason carried by `status`; nullopt where there is none (a status from a library).
std::optional<Reason> ReasonOf(const absl::Status& status);
std::optional<std::chrono::milliseconds> RetryAfterOf(const absl::Status& status);
std::vector<FieldViolation> ViolationsOf(const absl::Status& status);
// The value given to MakeError under `key`; empty where there is none.
std::string MetadataOf(const absl::Status& status, std::string_view key);

// Wire form: a serialised google.rpc.Status, as in the trailer grpc-status-details-bin. Empty if there is no payload.
std::string SerializeDetails(const absl::Status& status);
// The reverse: code and message from the transport, details from the trailer (ignored if malformed).
absl::Status FromWire(absl::StatusCode code, std::string_view message, std::string_view details);

}  // namespace haven::core
