#include "libs/rpc/library_logs.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include "libs/core/log.h"

namespace haven::rpc {
namespace {

const core::Logger& Log() {
  static const auto* log = new core::Logger("library");
  return *log;
}

void FromGrpc(gpr_log_func_args* args) {
  if (args->severity != GPR_LOG_SEVERITY_ERROR) return;
  Log().Debug(
      "grpc_error",
      {{"file", core::PlainText{args->file}}, {"line", args->line}, {"message", core::PlainText{args->message}}});
}

void FromProtobuf(google::protobuf::LogLevel level, const char* file, int line, const std::string&) {
  if (level < google::protobuf::LOGLEVEL_ERROR) return;
  // Its message names a field, and sometimes its bytes.
  Log().Debug("protobuf_error", {{"file", core::PlainText{file}}, {"line", line}});
}

}  // namespace

void TakeLibraryLogs() {
  gpr_set_log_function(FromGrpc);
  google::protobuf::SetLogHandler(FromProtobuf);
}

}  // namespace haven::rpc
