#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/core/config.h"

namespace haven {

// Settings of the process itself; each service has a section of its own.
struct ProcessSettings {
  std::string hub_id = "demo";
  std::string data_dir;
  std::string log_level = "info";
  std::string instance = "single";

  std::string postgres_dsn;
  int postgres_connections = 8;

  std::string redis_target;
  std::string redis_user;
  std::string redis_password_file;

  std::string grpc_address = "127.0.0.1";
  int grpc_port = 9080;
  std::string grpc_certificate, grpc_key;
  std::string socket;

  std::string admin_address = "127.0.0.1";
  int admin_port = 9180;

  std::vector<std::string> service_addresses;

  void Bind(core::Config& config);
  // What the file cannot check by itself: INVALID_ARGUMENT naming every mistake.
  absl::Status Check() const;
  // "unix:<data_dir>/haven.sock" unless set otherwise: where the machine's own commands reach the hub.
  std::string socket_path() const;
};

}  // namespace haven
