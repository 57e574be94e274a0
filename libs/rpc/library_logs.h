#pragma once

namespace haven::rpc {

// gRPC and protobuf write to standard error what may quote a request or an address. From here on their lines are events
// of our log, at debug level, gRPC with its text, protobuf without; what matters of them reaches callers as statuses.
void TakeLibraryLogs();

}  // namespace haven::rpc
