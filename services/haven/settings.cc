#include "services/haven/settings.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/redis/redis.h"

namespace haven {

void ProcessSettings::Bind(core::Config& config) {
  auto& hub = config.Section("hub", "The hub itself.");
  hub.Text("id", &hub_id, "Key of the hub: part of every token and of every key in Redis. Never changes.");
  hub.Text("data_dir", &data_dir, "Folder for keys, blobs and the local socket; readable by the hub's user alone.");
  hub.Choice("log_level", &log_level, {"debug", "info", "warning", "error"},
             "Least level of the lines written to standard error.");
  hub.Text("instance", &instance,
           "Name of this process among those that share the hub's stores: the pod's name on Kubernetes.");

  auto& postgres = config.Section("postgres", "What must last.");
  postgres.Text("dsn", &postgres_dsn,
                "libpq connection string of a login that may take the services' roles. No password here: use "
                "PGPASSFILE, a service file or peer.");
  postgres.Int("connections", &postgres_connections, {2, 200}, "Most connections of each service.");

  auto& redis = config.Section("redis", "Live state.");
  redis.Text("target", &redis_target, "\"unix:/path\", \"host:port\" or \"sentinel:host:port,host:port/name\".");
  redis.Text("user", &redis_user, "ACL user; empty is the default user.");
  redis.Text("password_file", &redis_password_file,
             "File with the password, readable by the hub's user alone; empty: none.");

  auto& grpc = config.Section("grpc", "The integrators' gRPC listener.");
  grpc.Text("address", &grpc_address, "IP address to listen on. Anything but this machine needs certificate and key.");
  grpc.Int("port", &grpc_port, {0, 65535}, "Port; 0 takes a free one.");
  grpc.Text("certificate_file", &grpc_certificate, "PEM chain; with it the listener speaks TLS.");
  grpc.Text("key_file", &grpc_key, "PEM key of the certificate.");
  grpc.Text("socket", &socket, "Unix socket for the machine's own commands; empty is haven.sock in data_dir.");

  auto& admin = config.Section("admin", "Metrics and health, for operations alone.");
  admin.Text("address", &admin_address, "IP address to listen on.");
  admin.Int("port", &admin_port, {0, 65535}, "Port; 0 takes a free one.");

  auto& services = config.Section("services", "Where services of other processes are.");
  services.List("addresses", &service_addresses,
                "\"routing=unix:/path\" or \"routing=host:port\"; a service that is neither here nor in this process "
                "cannot be called.");
}

absl::Status ProcessSettings::Check() const {
  std::vector<std::string> wrong;
  if (hub_id.empty() || hub_id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    wrong.emplace_back("hub.id: lower-case letters, digits, \"-\" and \"_\"");
  }
  if (data_dir.empty()) wrong.emplace_back("hub.data_dir: name a folder");
  if (postgres_dsn.empty()) wrong.emplace_back("postgres.dsn: say where PostgreSQL is");
  if (auto status = redis::ValidateTarget(redis_target); !status.ok())
    wrong.push_back(absl::StrCat("redis.target: ", std::string(status.message())));
  if (grpc_certificate.empty() != grpc_key.empty())
    wrong.emplace_back("grpc: certificate_file and key_file go together");
  if (grpc_certificate.empty() && grpc_address != "127.0.0.1" && grpc_address != "::1") {
    wrong.emplace_back("grpc.address: beyond this machine the listener needs certificate_file and key_file");
  }
  for (const auto& address : service_addresses) {
    if (address.find('=') == std::string::npos)
      wrong.push_back(absl::StrCat("services.addresses: \"", address, "\" is not service=address"));
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(wrong, "\n"));
}

std::string ProcessSettings::socket_path() const {
  return socket.empty() ? absl::StrCat(data_dir, "/haven.sock") : socket;
}

}  // namespace haven
