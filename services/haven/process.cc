#include "services/haven/process.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/log.h"
#include "libs/crypto/secret_file.h"
#include "services/haven/local_channel.h"

namespace haven {
namespace {

core::Logger& Log() {
  static core::Logger log("haven");
  return log;
}

}  // namespace

Process::Process(async::Loop& loop, ProcessSettings settings, std::vector<ServiceModule*> modules)
    : loop_(loop),
      settings_(std::move(settings)),
      modules_(std::move(modules)),
      store_metrics_(metrics_),
      system_(HAVEN_VERSION, settings_.hub_id) {}

Process::~Process() = default;

async::Task<absl::StatusOr<rpc::Identity>> Process::LateResolver::Resolve(core::Deadline deadline,
                                                                          std::string credential) {
  if (target == nullptr) {
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                              "no service of this process judges credentials");
  }
  co_return co_await target->Resolve(deadline, std::move(credential));
}

absl::Status Process::OpenKeys() {
  const std::string folder = settings_.data_dir + "/keys";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  std::filesystem::create_directories(settings_.data_dir + "/secrets", error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  std::filesystem::permissions(settings_.data_dir + "/secrets", std::filesystem::perms::owner_all, error);
  auto services = crypto::SigningKey::LoadOrCreate(folder + "/services.key", random());
  if (!services.ok()) return services.status();
  auto people = crypto::SigningKey::LoadOrCreate(folder + "/people.key", random());
  if (!people.ok()) return people.status();
  std::vector<rpc::TrustedKey> trusted;
  trusted.push_back({services->public_key(), rpc::KeyUse::kServices});
  trusted.push_back({people->public_key(), rpc::KeyUse::kPeople});
  verifier_ = rpc::NewTokenVerifier(std::move(trusted), settings_.hub_id, clock());
  services_ = rpc::NewTokenIssuer(*services, rpc::KeyUse::kServices, settings_.hub_id, clock());
  const bool signs =
      std::any_of(modules_.begin(), modules_.end(), [](const auto* m) { return m->name() == "directory"; });
  if (signs) people_ = rpc::NewTokenIssuer(*people, rpc::KeyUse::kPeople, settings_.hub_id, clock());
  return absl::OkStatus();
}

absl::Status Process::OpenRedis() {
  redis::RedisOptions options;
  options.target = settings_.redis_target;
  options.user = settings_.redis_user;
  options.client_name = "haven";
  if (!settings_.redis_password_file.empty()) {
    auto password = crypto::ReadSecretFile(settings_.redis_password_file);
    if (!password.ok()) return password.status();
    while (!password->empty() && password->back() == '\n') password->pop_back();
    options.password = *std::move(password);
  }
  redis_ = redis::Redis::Create(loop_.executor(), options);
  events::FanoutOptions fanout;
  fanout.reader.redis = options;
  fanout.reader.redis.client_name = "haven-events";
  fanout.reader.stream = events::StreamKey(settings_.hub_id);
  events_ = events::Fanout::Create(loop_.executor(), std::move(fanout));
  if (!redis_ || !events_) return absl::InvalidArgumentError("redis.target cannot be read");
  return absl::OkStatus();
}

absl::Status Process::OpenServer() {
  rpc::ServerOptions options;
  options.tokens = verifier_.get();
  options.credentials = &resolver_;
  options.metrics = &metrics_;
  server_ = std::make_unique<rpc::Server>(loop_, registry_, options);
  return absl::OkStatus();
}

absl::Status Process::Listen() {
  const auto address = absl::StrCat(settings_.grpc_address, ":", settings_.grpc_port);
  absl::Status status;
  if (settings_.grpc_certificate.empty()) {
    status = server_->AddTcp(address);
  } else {
    rpc::TlsFiles files{settings_.grpc_certificate, settings_.grpc_key, ""};
    status = server_->AddTcpTls(address, files);
  }
  if (status.ok()) status = server_->AddUnix(settings_.socket_path());
  if (status.ok()) status = server_->Start();
  if (!status.ok()) return status;
  local_ = server_->InProcess();
  serving_.Set();
  return absl::OkStatus();
}

async::Task<absl::Status> Process::Start() {
  health_.SetServing(false, "starting");
  async::BlockingPoolOptions pool;
  pool.name = "compute";
  compute_ = std::make_unique<async::BlockingPool>(loop_, pool);
  absl::Status status = OpenKeys();
  if (status.ok()) status = OpenRedis();
  if (status.ok()) status = OpenServer();
  if (!status.ok()) co_return status;
  admin_ = std::make_unique<telemetry::AdminServer>(loop_, metrics_, health_);
  status = admin_->Start(absl::StrCat(settings_.admin_address, ":", settings_.admin_port));
  if (!status.ok()) co_return status;
  system_.Register(registry_);
  metrics_.AddProcessMetrics();
  for (auto* module : modules_) {
    status = co_await module->Start(*this);
    if (!status.ok()) co_return status;
    started_.push_back(module);
  }
  status = Listen();
  if (!status.ok()) co_return status;
  health_.SetServing(true, "serving");
  Log().Info("serving", {{"hub", core::PlainText{settings_.hub_id}},
                         {"services", modules_.size()},
                         {"grpc_port", server_->port()},
                         {"admin_port", admin_->port()}});
  co_return absl::OkStatus();
}

async::Task<void> Process::Stop(core::Deadline deadline) {
  health_.SetServing(false, "stopping");
  Log().Info("stopping");
  // The edge first, so that what is under way there still finds its services; then calls; then the services themselves.
  std::vector<ServiceModule*> order(started_.rbegin(), started_.rend());
  const auto edge = std::find_if(order.begin(), order.end(), [](const auto* m) { return m->name() == "desk"; });
  if (edge != order.end()) {
    co_await (*edge)->Stop(deadline);
    order.erase(edge);
  }
  if (server_) co_await server_->Drain(deadline);
  for (auto* module : order) co_await module->Stop(deadline);
  started_.clear();
  local_.reset();
  if (events_) events_->Close();
  if (redis_) redis_->Close();
  if (admin_) co_await admin_->Drain(deadline);
}

std::unique_ptr<store::Database> Process::OpenDatabase(std::string_view service) {
  store::DatabaseOptions options;
  options.dsn = settings_.postgres_dsn;
  options.role = absl::StrCat("haven_", std::string(service));
  options.schema = std::string(service);
  options.connections = settings_.postgres_connections;
  return std::make_unique<store::Database>(loop_.executor(), std::move(options), store_metrics_);
}

std::shared_ptr<rpc::Channel> Process::ChannelTo(std::string_view service, std::string_view as) {
  auto identity = rpc::NewServiceTokenSource(*services_, std::string(as), clock());
  const bool here = std::any_of(modules_.begin(), modules_.end(), [&](const auto* m) { return m->name() == service; });
  if (here) return std::make_shared<LocalChannel>(*this, std::move(identity));
  auto& channel = remote_[std::string(service)];
  if (!channel) {
    std::string target = absl::StrCat("unix:", settings_.data_dir, "/", std::string(service), ".sock");
    for (const auto& entry : settings_.service_addresses) {
      const auto equals = entry.find('=');
      if (entry.substr(0, equals) == service) target = entry.substr(equals + 1);
    }
    channel = rpc::Channel::Connect(loop_, target, {});
  }
  return channel->As(std::move(identity));
}

absl::StatusOr<rpc::TokenIssuer*> Process::people_issuer() {
  if (!people_) return absl::FailedPreconditionError("only the directory's process signs people's tokens");
  return people_.get();
}

}  // namespace haven
