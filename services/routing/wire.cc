#include "services/routing/wire.h"

#include <utility>

#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "haven_routing_ledger_embedded.h"
#include "libs/async/task_group.h"
#include "libs/core/log.h"
#include "libs/store/audit.h"
#include "libs/store/idempotency.h"
#include "services/routing/api/handoffs.h"
#include "services/routing/api/live_keeper.h"
#include "services/routing/api/routing_api.h"
#include "services/routing/store/evaluator.h"

namespace haven::routing {
namespace {

// The engine's scripts on the process's pipelined connection.
class RedisEvaluator final : public Evaluator {
 public:
  explicit RedisEvaluator(redis::Redis& redis) : redis_(redis) {}
  async::Task<absl::StatusOr<std::vector<std::string>>> Eval(core::Deadline deadline, redis::Script script,
                                                             std::vector<std::string> keys,
                                                             std::vector<std::string> args) override {
    auto reply = co_await redis_.Eval(deadline, std::move(script), std::move(keys), std::move(args));
    if (!reply.ok()) co_return reply.status();
    std::vector<std::string> out;
    out.reserve(reply->items.size());
    for (auto& item : reply->items) out.push_back(std::move(item.text));
    co_return out;
  }

 private:
  redis::Redis& redis_;
};

// Everything that lives while the service runs; members in the order in which they need each other.
struct Service {
  Service(Environment& environment)
      : tasks(environment.loop(), "routing"),
        database(environment.OpenDatabase("routing")),
        dispatcher(*database, DispatcherOptionsOf(environment), environment.random()),
        audit(*database, {}),
        evaluator(environment.redis()),
        engine(evaluator, environment.clock(), environment.hub(), settings, [this] { keeper.WakeTick(); }),
        ledger(*database, dispatcher, environment.clock()),
        router{engine, ledger, settings, environment.clock()},
        activities(ledger, environment.clock()),
        keeper(router, environment.redis(), activities, environment.random(), KeeperMetrics(environment.metrics())),
        routing_api(router, activities),
        queue_api(router) {}

  static store::DispatcherOptions DispatcherOptionsOf(Environment& environment) {
    store::DispatcherOptions options;
    options.instance = environment.instance();
    return options;
  }

  async::TaskGroup tasks;
  std::unique_ptr<store::Database> database;
  store::Dispatcher dispatcher;
  store::AuditLinker audit;
  Settings settings;
  RedisEvaluator evaluator;
  Engine engine;
  LedgerStore ledger;
  Router router;
  ActivityWriter activities;
  LiveKeeper keeper;
  api::RoutingApi routing_api;
  api::QueueApi queue_api;
  async::Event configuration_changed;
  std::unique_ptr<events::Fanout::Subscription> subscription;
};

class RoutingModule final : public ServiceModule {
 public:
  std::string_view name() const override { return "routing"; }
  std::string_view summary() const override { return "Queues, agents, offers and the ledger."; }
  void Configure(core::ConfigSection&) override {}
  std::vector<store::Migration> migrations() const override {
    return {{"routing", store::kFirstServiceVersion, "ledger", std::string(kRouting100Sql)}};
  }
  async::Task<absl::Status> Start(Environment& environment) override;
  async::Task<void> Stop(core::Deadline deadline) override;

 private:
  static async::Task<void> FollowConfiguration(Service* service, std::shared_ptr<rpc::Channel> directory);
  static async::Task<void> FollowEvents(Service* service, events::Fanout* fanout);
  static async::Task<void> Housekeeping(Service* service);
  void AddHealth(Environment& environment);

  std::unique_ptr<Service> service_;
};

async::Task<absl::Status> RoutingModule::Start(Environment& environment) {
  service_ = std::make_unique<Service>(environment);
  service_->routing_api.Register(environment.registry());
  service_->queue_api.Register(environment.registry());
  RegisterHandoffs(service_->dispatcher, service_->router, environment.ChannelTo("channels", "routing"));
  service_->dispatcher.Start();
  service_->audit.Start();
  service_->activities.Start(service_->tasks);
  service_->keeper.Start(service_->tasks);
  service_->tasks.Spawn(FollowConfiguration(service_.get(), environment.ChannelTo("directory", "routing")));
  service_->tasks.Spawn(FollowEvents(service_.get(), &environment.events()));
  service_->tasks.Spawn(Housekeeping(service_.get()));
  AddHealth(environment);
  co_return absl::OkStatus();
}

void RoutingModule::AddHealth(Environment& environment) {
  struct Checks {
    static async::Task<absl::Status> Database(Service* service) {
      co_return service->database->Health() ? absl::OkStatus() : absl::UnavailableError("PostgreSQL does not answer");
    }
    static async::Task<absl::Status> Live(Service* service) {
      if (service->settings.version() == 0)
        co_return absl::OkStatus();  // an empty hub is ready to be given a configuration
      co_return service->keeper.ready() ? absl::OkStatus() : absl::UnavailableError("the live state is being restored");
    }
  };
  Service* service = service_.get();
  environment.health().Add("routing.postgres", [service](core::Deadline) { return Checks::Database(service); });
  environment.health().Add("routing.live", [service](core::Deadline) { return Checks::Live(service); });
}

async::Task<void> RoutingModule::FollowConfiguration(Service* service, std::shared_ptr<rpc::Channel> directory) {
  using Request = internal::directory::v1::GetConfigurationRequest;
  using Response = internal::directory::v1::GetConfigurationResponse;
  for (;;) {
    service->configuration_changed.Reset();
    Request request;
    request.set_known_version(service->settings.version());
    rpc::CallOptions options{core::Deadline::After(std::chrono::seconds(5))};
    auto response = co_await directory->Call<Request, Response>(
        "haven.internal.directory.v1.DirectoryInternalService/GetConfiguration", std::move(request),
        std::move(options));
    std::chrono::milliseconds pause = std::chrono::seconds(30);
    if (response.ok()) {
      const auto before = service->settings.version();
      const auto applied = service->settings.Apply(*response);
      if (!applied.ok()) core::Logger("routing").Error("configuration_refused", {{"status", applied}});
      if (service->settings.version() != before) service->keeper.WakeSweep();
    } else {
      pause = std::chrono::milliseconds(500);
    }
    co_await service->configuration_changed.Wait(core::Deadline::After(pause));
    if (co_await async::Cancelled()) co_return;
  }
}

async::Task<void> RoutingModule::FollowEvents(Service* service, events::Fanout* fanout) {
  while (!(co_await fanout->WaitReady(core::Deadline::After(std::chrono::seconds(5)))).ok()) {
    if (!co_await async::Sleep(std::chrono::milliseconds(200))) co_return;
  }
  auto cursor = fanout->Cursor();
  if (!cursor.ok()) co_return;
  events::Handlers handlers;
  handlers.on_event = [service](const events::ReceivedPtr& received) {
    if (received->event.kind() == events::EventKind::EVENT_KIND_CONFIGURATION_CHANGED)
      service->configuration_changed.Set();
  };
  handlers.on_reset = [service](const redis::StreamCursor&) { service->configuration_changed.Set(); };
  auto subscribed = fanout->Subscribe(*cursor, std::move(handlers));
  if (subscribed.ok()) service->subscription = std::move(subscribed->subscription);
}

async::Task<void> RoutingModule::Housekeeping(Service* service) {
  while (true) {
    const bool slept = co_await async::Sleep(std::chrono::hours(1));
    if (!slept) co_return;
    const auto swept =
        co_await store::SweepRequestRecords(core::Deadline::After(std::chrono::seconds(30)), *service->database);
    if (!swept.ok()) core::Logger("routing").Warning("sweep_failed", {{"status", swept.status()}});
  }
}

async::Task<void> RoutingModule::Stop(core::Deadline deadline) {
  if (!service_) co_return;
  service_->subscription.reset();
  co_await service_->tasks.Drain(deadline);
  (co_await service_->activities.Flush(deadline)).IgnoreError();
  co_await service_->dispatcher.Drain(deadline);
  co_await service_->audit.Stop(deadline);
  co_await service_->database->Close(deadline);
}

}  // namespace

std::unique_ptr<ServiceModule> NewRoutingModule() {
  return std::make_unique<RoutingModule>();
}

}  // namespace haven::routing
