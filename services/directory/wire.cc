#include "services/directory/wire.h"

#include <utility>

#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/log.h"
#include "libs/crypto/secret_file.h"
#include "libs/events/codec.h"
#include "libs/events/publisher.h"
#include "libs/store/audit.h"
#include "libs/store/idempotency.h"
#include "services/directory/api/credentials.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/api/identity_api.h"
#include "services/directory/api/internal_api.h"
#include "services/directory/api/service.h"
#include "services/directory/client/credential_client.h"
#include "services/directory/config.h"
#include "services/directory/store/identity_store.h"
#include "services/directory/store/schema.h"

namespace haven::directory {
namespace {

const core::Logger& Log() {
  static const core::Logger logger("directory");
  return logger;
}

store::DispatcherOptions DispatcherOptionsOf(Environment& environment) {
  store::DispatcherOptions options;
  options.instance = environment.instance();
  return options;
}

events::PublisherOptions PublisherOptionsOf(Environment& environment) {
  events::PublisherOptions options;
  options.stream = events::StreamKey(environment.hub());
  return options;
}

async::Task<absl::StatusOr<rpc::Identity>> ResolveKeyHere(Service* service, core::Deadline deadline,
                                                          std::string credential) {
  auto resolved = co_await ResolveCredential(*service, deadline, std::move(credential));
  if (!resolved.ok()) co_return resolved.status();
  co_return std::move(resolved->identity);
}

// Everything that lives while the service runs; members in the order in which they need each other.
struct Running {
  Running(Environment& environment, const DirectoryConfig& config, std::string attempt_key,
          const rpc::TokenIssuer* issuer)
      : tasks(environment.loop(), "directory"),
        database(environment.OpenDatabase("directory")),
        dispatcher(*database, DispatcherOptionsOf(environment), environment.random()),
        audit(*database, {}),
        publisher(&environment.redis(), PublisherOptionsOf(environment)),
        metrics(environment.metrics()),
        configurations(*database),
        hasher(environment.compute_pool(), config.PasswordCost(), config.hashes_at_once, config.hashes_waiting,
               metrics.hash_seconds),
        service{
            config,
            environment.hub(),
            *database,
            dispatcher,
            configurations,
            hasher,
            environment.clock(),
            environment.random(),
            issuer,
            metrics,
            std::move(attempt_key),
            [&environment](std::function<bool(const rpc::Identity&)> of) { environment.EndStreams(std::move(of)); }},
        directory(service),
        identity(service),
        internal(service),
        credentials(
            [this](core::Deadline deadline, std::string credential) {
              return ResolveKeyHere(&service, deadline, std::move(credential));
            },
            environment.ChannelTo("channels", "directory"), environment.clock()) {}

  async::TaskGroup tasks;
  std::unique_ptr<store::Database> database;
  store::Dispatcher dispatcher;
  store::AuditLinker audit;
  events::Publisher publisher;
  Metrics metrics;
  ConfigurationCache configurations;
  PasswordHasher hasher;
  Service service;
  DirectoryApi directory;
  IdentityApi identity;
  InternalApi internal;
  CredentialClient credentials;
};

class DirectoryModule final : public ServiceModule {
 public:
  explicit DirectoryModule(DirectoryConfig config) : config_(config) {}
  std::string_view name() const override { return "directory"; }
  std::string_view summary() const override { return "The hub's configuration, people, sign-in and API keys."; }
  void Configure(core::ConfigSection& section) override { config_.Bind(section); }
  std::vector<store::Migration> migrations() const override { return Migrations(); }
  async::Task<absl::Status> Start(Environment& environment) override;
  async::Task<void> Stop(core::Deadline deadline) override;

 private:
  void AddHealth(Environment& environment);
  static async::Task<void> Housekeeping(Running* running);

  DirectoryConfig config_;
  Environment* environment_ = nullptr;
  std::unique_ptr<Running> running_;
};

async::Task<absl::Status> DirectoryModule::Start(Environment& environment) {
  auto key = crypto::LoadOrCreateSecret(environment.data_dir() + "/keys/attempts.key", environment.random());
  if (!key.ok()) co_return key.status();
  auto issuer = environment.people_issuer();
  if (!issuer.ok()) co_return issuer.status();
  environment_ = &environment;
  running_ = std::make_unique<Running>(environment, config_, *std::move(key), *issuer);
  // Also says at the start, and not at the first sign-in, that the cost of a hash is set too low.
  auto prepared = co_await running_->hasher.Prepare(core::Deadline::After(std::chrono::seconds(60)));
  if (!prepared.ok()) co_return prepared;
  running_->directory.Register(environment.registry());
  running_->identity.Register(environment.registry());
  running_->internal.Register(environment.registry());
  environment.SetCredentialResolver(&running_->credentials);
  RegisterEvents(running_->dispatcher,
                 [publisher = &running_->publisher](core::Deadline deadline, std::vector<events::v1::Event> events) {
                   return publisher->Append(deadline, std::move(events));
                 });
  running_->dispatcher.Start();
  running_->audit.Start();
  running_->tasks.Spawn(Housekeeping(running_.get()));
  AddHealth(environment);
  co_return absl::OkStatus();
}

void DirectoryModule::AddHealth(Environment& environment) {
  struct Checks {
    static async::Task<absl::Status> Database(Running* running) {
      co_return running->database->Health() ? absl::OkStatus() : absl::UnavailableError("PostgreSQL does not answer");
    }
  };
  environment.health().Add("directory.postgres",
                           [running = running_.get()](core::Deadline) { return Checks::Database(running); });
}

// What says nothing more is deleted: attempts that are forgiven, sessions a month after their end, answers of a week
// ago.
async::Task<void> DirectoryModule::Housekeeping(Running* running) {
  constexpr absl::Duration kKeepSessions = absl::Hours(24 * 30);
  for (;;) {
    const bool awake = co_await async::Sleep(std::chrono::minutes(10));
    if (!awake) co_return;
    const auto deadline = core::Deadline::After(std::chrono::seconds(30));
    auto swept = co_await SweepIdentities(deadline, *running->database, running->service.clock.Now(), kKeepSessions);
    auto answers = co_await store::SweepRequestRecords(deadline, *running->database);
    for (const auto& status : {swept.status(), answers.status()}) {
      if (!status.ok()) Log().Warning("sweep_failed", {{"status", status}});
    }
  }
}

async::Task<void> DirectoryModule::Stop(core::Deadline deadline) {
  if (!running_) co_return;
  environment_->health().Remove("directory.");
  environment_->SetCredentialResolver(nullptr);
  co_await running_->tasks.Drain(deadline);
  co_await running_->dispatcher.Drain(deadline);
  co_await running_->audit.Stop(deadline);
  co_await running_->database->Close(deadline);
}

}  // namespace

std::unique_ptr<ServiceModule> NewDirectoryModule() {
  return std::make_unique<DirectoryModule>(DirectoryConfig());
}

}  // namespace haven::directory
