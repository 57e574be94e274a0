#include "libs/rpc/server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/rpc/channel_internal.h"
#include "libs/rpc/server_call.h"
#include "libs/rpc/server_core.h"

namespace haven::rpc {
namespace {

constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr std::chrono::milliseconds kCancelGrace{500};
constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::milliseconds kDrainPoll{5};

absl::Status ReadPem(const std::string& path, std::string* out) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                           absl::StrCat(path, ": cannot be read"));
  }
  out->assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  return absl::OkStatus();
}

absl::Status CannotListen(const std::string& address) {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         absl::StrCat("cannot listen on ", address, ": in use, or not an address of this machine"));
}

struct Listener {
  std::string address;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  bool tcp = false;
  int port = 0;
};

// Sockets made while it lives are for their owner alone.
class PrivateUmask {
 public:
  PrivateUmask() : old_(::umask(0177)) {}
  ~PrivateUmask() { ::umask(old_); }

 private:
  const mode_t old_;
};

}  // namespace

struct Server::Impl {
  Impl(async::Loop& loop, Registry& registry, ServerOptions options)
      : core(loop, registry, std::move(options)), service(core) {}

  void Configure(grpc::ServerBuilder& builder);
  void BeginShutdown(core::Deadline deadline);

  ServerCore core;
  GenericService service;
  std::vector<Listener> listeners;
  std::unique_ptr<grpc::Server> server;
  const std::shared_ptr<async::Event> stopped = std::make_shared<async::Event>();
  std::thread stopper;
};

void Server::Impl::Configure(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("haven");
  quota.Resize(core.options.max_buffered_bytes);
  builder.SetResourceQuota(quota);
  // Twice the bound: what is little too long is refused by us, with a reason, and the rest by gRPC as it arrives.
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * core.options.max_message_bytes));
  // A second server on the same port must fail, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // People on bad networks vanish without a word.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveTimeoutMs);
  builder.RegisterCallbackGenericService(&service);
  for (auto& listener : listeners) builder.AddListeningPort(listener.address, listener.credentials, &listener.port);
}

// gRPC's Shutdown blocks until every call has ended, and calls end on the loop.
void Server::Impl::BeginShutdown(core::Deadline deadline) {
  if (stopper.joinable()) return;
  core.draining = true;
  const auto at = std::chrono::system_clock::now() +
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(deadline.Remaining());
  stopper = std::thread([this, at, done = stopped] {
    server->Shutdown(at);
    core.loop.Post([done] { done->Set(); });
  });
}

Server::Server(async::Loop& loop, Registry& registry, ServerOptions options)
    : impl_(std::make_unique<Impl>(loop, registry, std::move(options))) {}

Server::~Server() {
  if (impl_->server) impl_->BeginShutdown(core::Deadline::After(std::chrono::seconds(0)));
  if (impl_->stopper.joinable()) impl_->stopper.join();
}

absl::Status Server::AddTcp(const std::string& host_port) {
  impl_->listeners.push_back({host_port, grpc::InsecureServerCredentials(), true, 0});
  return absl::OkStatus();
}

absl::Status Server::AddTcpTls(const std::string& host_port, const TlsFiles& files) {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.emplace_back();
  auto& pair = options.pem_key_cert_pairs.back();
  if (auto read = ReadPem(files.certificate_chain, &pair.cert_chain); !read.ok()) return read;
  if (auto read = ReadPem(files.private_key, &pair.private_key); !read.ok()) return read;
  if (!files.client_authority.empty()) {
    if (auto read = ReadPem(files.client_authority, &options.pem_root_certs); !read.ok()) return read;
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  impl_->listeners.push_back({host_port, grpc::SslServerCredentials(options), true, 0});
  return absl::OkStatus();
}

absl::Status Server::AddUnix(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return core::MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD,
                           absl::StrCat("unix:", path, ": longer than the 107 bytes that a socket's path may have"));
  }
  impl_->listeners.push_back({absl::StrCat("unix:", path), grpc::InsecureServerCredentials(), false, 0});
  return absl::OkStatus();
}

absl::Status Server::Start() {
  const auto valid = impl_->core.registry.Validate();
  if (!valid.ok()) return valid;
  grpc::ServerBuilder builder;
  impl_->Configure(builder);
  {
    const PrivateUmask umask;
    impl_->server = builder.BuildAndStart();
  }
  for (const auto& listener : impl_->listeners) {
    if (impl_->server == nullptr || listener.port == 0) {
      const auto failed = CannotListen(listener.address);
      if (listener.port == 0) return failed;
    }
  }
  if (impl_->server == nullptr) return CannotListen("any address");
  return absl::OkStatus();
}

int Server::port() const {
  for (const auto& listener : impl_->listeners) {
    if (listener.tcp) return listener.port;
  }
  return 0;
}

std::shared_ptr<Channel> Server::InProcess() {
  ChannelOptions options;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  return WrapChannel(impl_->core.loop, impl_->server->InProcessChannel(arguments), std::move(options));
}

void Server::SetCredentials(CredentialResolver* credentials) {
  impl_->core.authenticator.SetResolver(credentials);
}

async::Task<void> Server::Drain(core::Deadline deadline) {
  if (impl_->server == nullptr) co_return;
  impl_->core.draining = true;
  const auto all = [](const Identity&) { return true; };
  EndOpenStreams(impl_->core, all, Stopping());
  // Only then gRPC: its shutdown breaks calls that are in process at once.
  while (impl_->core.unary_calls + impl_->core.streams > 0 && !deadline.Expired()) {
    const bool slept = co_await async::SleepUntil(deadline.AtMost(kDrainPoll));
    if (!slept) break;
  }
  const bool all_ended = impl_->core.unary_calls + impl_->core.streams == 0;
  impl_->BeginShutdown(core::Deadline::After(all_ended ? kCancelGrace : kAtOnce));
  const auto stopped = impl_->stopped;
  // A handler that does not end when it is cancelled is left to the destructor.
  co_await stopped->Wait(core::Deadline::After(2 * kCancelGrace));
}

void Server::EndStreams(const std::function<bool(const Identity&)>& of) {
  EndOpenStreams(impl_->core, of,
                 core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                                 "signed out; sign in again"));
}

}  // namespace haven::rpc
