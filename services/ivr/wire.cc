#include "services/ivr/wire.h"

#include <utility>

#include "haven/events/v1/events.pb.h"
#include "libs/async/wait.h"
#include "libs/core/log.h"
#include "services/directory/client/configuration_client.h"
#include "services/ivr/api/flow_api.h"
#include "services/ivr/api/handoffs.h"
#include "services/ivr/config.h"
#include "services/ivr/domain/welcome.h"
#include "services/ivr/store/schema.h"
#include "services/ivr/store/session_turn.h"

namespace haven::ivr {
namespace {

constexpr std::chrono::milliseconds kStepTimeout{10'000};
constexpr std::chrono::milliseconds kSubscribeRetry{500};
constexpr std::chrono::hours kSessionSweep{1};

const core::Logger& Log() {
  static const core::Logger logger("ivr");
  return logger;
}

// Everything the service consists of while it runs, in order of construction.
class Running {
 public:
  Running(Environment& environment, const Config& config)
      : environment_(environment),
        config_(config),
        metrics_(environment.metrics()),
        database_(environment.OpenDatabase("ivr")),
        dispatcher_(*database_, DispatcherOptions(environment), environment.random()),
        configuration_(environment.loop(), environment.ChannelTo("directory", "ivr")),
        api_(&service_),
        tasks_(environment.loop(), "ivr") {
    service_.database = database_.get();
    service_.handoffs = &dispatcher_;
    service_.clock = &environment.clock();
    service_.metrics = &metrics_;
  }

  void Start() {
    configuration_.OnChange([this](const directory::ConfigurationClient::ConfigurationPtr& configuration) {
      service_.hub = std::make_shared<const HubFacts>(*configuration);
    });
    RegisterHandoffs(dispatcher_, environment_.ChannelTo("channels", "ivr"), environment_.ChannelTo("routing", "ivr"),
                     &metrics_);
    api_.Register(environment_.registry());
    environment_.health().Add("ivr.database", [this](core::Deadline deadline) { return database_->Ready(deadline); });
    configuration_.Start();
    dispatcher_.Start();
    tasks_.Spawn(Listen());
    tasks_.Spawn(Sweep());
  }

  async::Task<void> Stop(core::Deadline deadline) {
    environment_.health().Remove("ivr.");
    subscription_.reset();
    co_await tasks_.Drain(deadline);
    co_await configuration_.Drain(deadline);
    co_await dispatcher_.Drain(deadline);
    co_await database_->Close(deadline);
  }

 private:
  static store::DispatcherOptions DispatcherOptions(Environment& environment) {
    store::DispatcherOptions options;
    options.instance = environment.instance();
    return options;
  }

  async::Task<void> Listen() {
    while (!co_await async::Cancelled()) {
      auto& fanout = environment_.events();
      auto status = co_await fanout.WaitReady(core::Deadline::After(kStepTimeout));
      auto cursor = fanout.Cursor();
      if (status.ok() && cursor.ok()) {
        events::Handlers handlers;
        handlers.on_event = [this](const events::ReceivedPtr& received) {
          if (received->event.kind() == events::v1::EVENT_KIND_CONFIGURATION_CHANGED) configuration_.Refresh();
        };
        handlers.on_reset = [this](const redis::StreamCursor&) { configuration_.Refresh(); };
        auto subscribed = fanout.Subscribe(*cursor, std::move(handlers));
        if (subscribed.ok()) {
          subscription_ = std::move(subscribed->subscription);
          co_return;
        }
      }
      co_await async::Sleep(kSubscribeRetry);
    }
  }

  async::Task<void> Sweep() {
    while (co_await async::Sleep(kSessionSweep)) {
      auto swept = co_await SweepSessions(database_.get(), core::Deadline::After(kStepTimeout),
                                          environment_.clock().Now() - absl::FromChrono(config_.keep_sessions));
      if (!swept.ok()) Log().Warning("session_sweep_failed", {{"status", swept.status()}});
    }
  }

  Environment& environment_;
  Config config_;
  Metrics metrics_;
  std::unique_ptr<store::Database> database_;
  store::Dispatcher dispatcher_;
  Service service_;
  directory::ConfigurationClient configuration_;
  FlowApi api_;
  std::unique_ptr<events::Fanout::Subscription> subscription_;
  async::TaskGroup tasks_;
};

class IvrModule final : public ServiceModule {
 public:
  std::string_view name() const override { return "ivr"; }
  std::string_view summary() const override { return "flows: greeting, questions, hand-over to people"; }
  void Configure(core::ConfigSection& section) override { config_.Bind(section); }
  std::vector<store::Migration> migrations() const override { return Migrations(); }

  async::Task<absl::Status> Start(Environment& environment) override {
    if (const auto problems = Problems(WelcomeFlow()); !problems.empty()) {
      co_return absl::InternalError("the built-in flow is broken: " + problems.front());
    }
    running_ = std::make_unique<Running>(environment, config_);
    running_->Start();
    co_return absl::OkStatus();
  }

  async::Task<void> Stop(core::Deadline deadline) override {
    if (running_ == nullptr) co_return;
    co_await running_->Stop(deadline);
    running_.reset();
  }

 private:
  Config config_;
  std::unique_ptr<Running> running_;
};

}  // namespace

std::unique_ptr<ServiceModule> NewIvrModule() {
  return std::make_unique<IvrModule>();
}

}  // namespace haven::ivr
