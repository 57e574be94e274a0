#include "services/channels/wire.h"

#include <string>
#include <utility>

#include "haven/events/v1/events.pb.h"
#include "libs/async/wait.h"
#include "libs/core/log.h"
#include "libs/crypto/secret_file.h"
#include "libs/events/publisher.h"
#include "services/channels/api/contact_api.h"
#include "services/channels/api/conversation_api.h"
#include "services/channels/api/handoffs.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/event_relay.h"
#include "services/channels/store/reads.h"
#include "services/channels/store/schema.h"
#include "services/channels/store/shared_limit.h"
#include "services/channels/store/visitors.h"
#include "services/directory/client/configuration_client.h"

namespace haven::channels {
namespace {

constexpr std::chrono::milliseconds kStepTimeout{10'000};
constexpr std::chrono::milliseconds kSubscribeRetry{500};
constexpr std::size_t kSweepBatch = 5'000;
constexpr std::chrono::hours kVisitorSweep{1};

const core::Logger& Log() {
  static const core::Logger logger("channels");
  return logger;
}

// Everything the service consists of while it runs, in order of construction.
class Running {
 public:
  Running(Environment& environment, const Config& config, std::string token_key)
      : environment_(environment),
        metrics_(environment.metrics()),
        database_(environment.OpenDatabase("channels")),
        dispatcher_(*database_, DispatcherOptions(environment, config), environment.random()),
        publisher_(&environment.redis(), {events::StreamKey(environment.hub())}),
        relay_(environment.loop(), *database_, PublishFunction(), environment.clock(), environment.random(), {}),
        shared_limit_(&environment.redis(), environment.hub()),
        gate_(Rate{config.starts_per_source, config.starts_period}, config.starts_per_second, environment.clock(),
              [this](core::Deadline deadline, std::string source, Rate rate) {
                return shared_limit_.Admit(deadline, std::move(source), rate);
              }),
        watchers_(static_cast<std::size_t>(config.streams_per_visitor), static_cast<std::size_t>(config.streams_total)),
        configuration_(environment.loop(), environment.ChannelTo("directory", "channels")),
        webchat_(&service_),
        conversations_(&service_),
        contacts_(&service_),
        tasks_(environment.loop(), "channels") {
    service_.config = config;
    service_.context.database = database_.get();
    service_.context.handoffs = &dispatcher_;
    service_.context.events = &relay_;
    service_.context.changed = [this](const ConversationId& id) { watchers_.Wake(id); };
    service_.context.clock = &environment.clock();
    service_.context.random = &environment.random();
    service_.context.memory = {absl::FromChrono(config.remember_agent), absl::FromChrono(config.remember_subject)};
    service_.metrics = &metrics_;
    service_.watchers = &watchers_;
    service_.gate = &gate_;
    service_.token_key = std::move(token_key);
    service_.routing = environment.ChannelTo("routing", "channels");
  }

  void Start() {
    configuration_.OnChange([this](const directory::ConfigurationClient::ConfigurationPtr& configuration) {
      service_.hub = std::make_shared<const HubView>(configuration);
    });
    RegisterHandoffs(dispatcher_, environment_.ChannelTo("ivr", "channels"), service_.routing, &service_);
    webchat_.Register(environment_.registry());
    conversations_.Register(environment_.registry());
    contacts_.Register(environment_.registry());
    environment_.health().Add("channels.database",
                              [this](core::Deadline deadline) { return database_->Ready(deadline); });
    configuration_.Start();
    dispatcher_.Start();
    relay_.Start();
    tasks_.Spawn(Listen());
    tasks_.Spawn(WakeThoseWhoMissed());
    tasks_.Spawn(SweepTokens());
  }

  async::Task<void> Stop(core::Deadline deadline) {
    environment_.health().Remove("channels.");
    subscription_.reset();
    co_await tasks_.Drain(deadline);
    co_await configuration_.Drain(deadline);
    co_await dispatcher_.Drain(deadline);
    co_await relay_.Drain(deadline);
    co_await database_->Close(deadline);
  }

 private:
  static store::DispatcherOptions DispatcherOptions(Environment& environment, const Config& config) {
    store::DispatcherOptions options;
    options.instance = environment.instance();
    options.max_attempts = config.max_attempts;
    return options;
  }

  EventRelay::Publish PublishFunction() {
    return [this](core::Deadline deadline, std::vector<events::v1::Event> events) {
      metrics_.events_held.Set(static_cast<double>(relay_.held()));
      return publisher_.Append(deadline, std::move(events));
    };
  }

  void OnEvent(const events::v1::Event& event) {
    if (event.kind() == events::v1::EVENT_KIND_CONFIGURATION_CHANGED) configuration_.Refresh();
    // Other kinds about a conversation are routing's; its owner changes come back here as messages or versions of ours.
    if (event.kind() == events::v1::EVENT_KIND_MESSAGE_ADDED) {
      watchers_.WakeIfBehind(ConversationId(event.conversation_id()), event.sequence());
    } else if (event.kind() == events::v1::EVENT_KIND_CONVERSATION_UPDATED) {
      watchers_.WakeIfOlder(ConversationId(event.conversation_id()), event.sequence());
    }
  }

  // Commits of this process wake its watchers directly; those of other processes come by the hub's stream.
  async::Task<void> Listen() {
    while (!co_await async::Cancelled()) {
      auto& fanout = environment_.events();
      auto status = co_await fanout.WaitReady(core::Deadline::After(kStepTimeout));
      auto cursor = fanout.Cursor();
      if (status.ok() && cursor.ok()) {
        events::Handlers handlers;
        handlers.on_event = [this](const events::ReceivedPtr& received) { OnEvent(received->event); };
        handlers.on_reset = [this](const redis::StreamCursor&) {
          watchers_.WakeAll();
          configuration_.Refresh();
        };
        auto subscribed = fanout.Subscribe(*cursor, std::move(handlers));
        if (subscribed.ok()) {
          subscription_ = std::move(subscribed->subscription);
          co_return;
        }
      }
      co_await async::Sleep(kSubscribeRetry);
    }
  }

  // The net below the events: what was missed costs a heartbeat's time at most.
  async::Task<void> WakeThoseWhoMissed() {
    while (co_await async::Sleep(service_.config.heartbeat)) {
      const auto watched = watchers_.Watched();
      for (std::size_t at = 0; at < watched.size(); at += kSweepBatch) {
        const auto end = std::min(watched.size(), at + kSweepBatch);
        std::vector<ConversationId> ids(watched.begin() + static_cast<std::ptrdiff_t>(at),
                                        watched.begin() + static_cast<std::ptrdiff_t>(end));
        auto versions = co_await ReadVersions(service_.context, core::Deadline::After(kStepTimeout), std::move(ids));
        if (!versions.ok()) break;
        for (const auto& [id, version] : *versions) watchers_.WakeIfOlder(id, version);
      }
    }
  }

  async::Task<void> SweepTokens() {
    while (co_await async::Sleep(kVisitorSweep)) {
      auto swept = co_await SweepVisitors(service_.context, core::Deadline::After(kStepTimeout));
      if (!swept.ok()) Log().Warning("visitor_sweep_failed", {{"status", swept.status()}});
    }
  }

  Environment& environment_;
  Metrics metrics_;
  std::unique_ptr<store::Database> database_;
  store::Dispatcher dispatcher_;
  events::Publisher publisher_;
  EventRelay relay_;
  SharedLimit shared_limit_;
  StartGate gate_;
  Watchers watchers_;
  Service service_;
  directory::ConfigurationClient configuration_;
  WebchatApi webchat_;
  ConversationApi conversations_;
  ContactApi contacts_;
  std::unique_ptr<events::Fanout::Subscription> subscription_;
  async::TaskGroup tasks_;
};

class ChannelsModule final : public ServiceModule {
 public:
  std::string_view name() const override { return "channels"; }
  std::string_view summary() const override { return "conversations, messages, contacts, the web chat"; }
  void Configure(core::ConfigSection& section) override { config_.Bind(section); }
  std::vector<store::Migration> migrations() const override { return Migrations(); }

  async::Task<absl::Status> Start(Environment& environment) override {
    const std::string path = config_.token_key_file.empty() ? environment.data_dir() + "/secrets/visitor-tokens.key"
                                                            : config_.token_key_file;
    auto key = crypto::LoadOrCreateSecret(path, environment.random());
    if (!key.ok()) co_return key.status();
    running_ = std::make_unique<Running>(environment, config_, *std::move(key));
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

std::unique_ptr<ServiceModule> NewChannelsModule() {
  return std::make_unique<ChannelsModule>();
}

}  // namespace haven::channels
