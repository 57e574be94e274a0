#include "services/desk/wire.h"

#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/async/task_group.h"
#include "libs/core/log.h"
#include "libs/crypto/secret_file.h"
#include "services/desk/config.h"
#include "services/desk/edge/edge.h"
#include "services/desk/feed/feed_api.h"
#include "services/desk/http/http.h"

namespace haven::desk {
namespace {

using events::EventKind;
using feed::Notice;

// What an event means to agents' feeds; nullopt for what does not concern them.
std::optional<Notice> NoticeOf(const events::Event& event) {
  Notice notice;
  notice.agent_id = event.agent_id();
  notice.contact_id = event.contact_id();
  notice.conversation_id = event.conversation_id();
  notice.sequence = event.sequence();
  switch (event.kind()) {
    case EventKind::EVENT_KIND_MESSAGE_ADDED:
      notice.kind = Notice::Kind::kMessage;
      return notice;
    case EventKind::EVENT_KIND_MESSAGE_STATE:
    case EventKind::EVENT_KIND_CONVERSATION_UPDATED:
      notice.kind = Notice::Kind::kDelivery;
      return notice;
    case EventKind::EVENT_KIND_UNSPECIFIED:
    case EventKind::EVENT_KIND_CONFIGURATION_CHANGED:
    case EventKind::EVENT_KIND_QUEUE_FIGURES:
      return std::nullopt;
    default:
      notice.kind = notice.contact_id.empty() ? Notice::Kind::kAgent : Notice::Kind::kContact;
      return notice;
  }
}

class DeskModule final : public ServiceModule {
 public:
  std::string_view name() const override { return "desk"; }
  std::string_view summary() const override { return "The HTTP edge: desk, chat page, Connect API and agents' feeds."; }
  void Configure(core::ConfigSection& section) override { config_.Bind(section); }
  async::Task<absl::Status> Start(Environment& environment) override;
  async::Task<void> Stop(core::Deadline deadline) override;

 private:
  absl::Status StartEdge(Environment& environment);
  void StartFeed(Environment& environment);
  static async::Task<void> FollowEvents(DeskModule* self, Environment* environment);
  static async::Task<void> FollowConfiguration(DeskModule* self, Environment* environment);
  void OnEvent(const events::ReceivedPtr& received);

  DeskConfig config_;
  std::unique_ptr<async::TaskGroup> tasks_;
  std::unique_ptr<edge::Edge> edge_;
  std::unique_ptr<http::Server> desk_, chat_;
  std::unique_ptr<feed::FeedHub> hub_;
  std::unique_ptr<feed::Presence> presence_;
  std::unique_ptr<feed::FeedApi> api_;
  std::unique_ptr<events::Fanout::Subscription> subscription_;
  std::map<std::string, std::shared_ptr<rpc::Channel>> own_, bare_;
  std::vector<std::string> embedders_;
  async::Event configuration_changed_;
};

async::Task<absl::Status> DeskModule::Start(Environment& environment) {
  tasks_ = std::make_unique<async::TaskGroup>(environment.loop(), "desk");
  StartFeed(environment);
  auto status = StartEdge(environment);
  if (!status.ok()) co_return status;
  tasks_->Spawn(FollowEvents(this, &environment));
  tasks_->Spawn(FollowConfiguration(this, &environment));
  co_return absl::OkStatus();
}

absl::Status DeskModule::StartEdge(Environment& environment) {
  edge::EdgeOptions options;
  auto key = crypto::LoadOrCreateSecret(environment.data_dir() + "/keys/source.key", environment.random());
  if (!key.ok()) return key.status();
  options.source_key = *std::move(key);
  auto proxies = edge::TrustedProxies::Parse(config_.trusted_proxies);
  if (!proxies.ok()) return proxies.status();
  options.proxies = *std::move(proxies);
  options.anonymous_per_second = config_.anonymous_per_second;
  options.anonymous_burst = config_.anonymous_burst;
  const auto own = [this, &environment](const std::string& service) {
    auto& channel = own_[service];
    if (!channel) channel = environment.ChannelTo(service, "desk");
    return channel;
  };
  const auto bare = [this, own](const std::string& service) {
    auto& channel = bare_[service];
    if (!channel) channel = own(service)->As(nullptr);
    return channel;
  };
  edge_ = std::make_unique<edge::Edge>(std::move(options), own, bare, environment.clock(),
                                       edge::EdgeMetrics(environment.metrics()));
  edge_->SetEmbedders([this] { return embedders_; });
  if (!config_.web_dir.empty()) {
    auto desk = edge::StaticFiles::Load(config_.web_dir + "/desk");
    if (!desk.ok()) return desk.status();
    auto chat = edge::StaticFiles::Load(config_.web_dir + "/chat");
    if (!chat.ok()) return chat.status();
    edge_->SetPages(edge::Site::kDesk, *std::move(desk));
    edge_->SetPages(edge::Site::kWebchat, *std::move(chat));
  }
  http::ServerOptions server;
  server.max_body_bytes = static_cast<std::size_t>(config_.max_body_bytes);
  server.max_connections = static_cast<std::size_t>(config_.max_connections);
  server.max_connections_per_address = static_cast<std::size_t>(config_.max_connections_per_address);
  desk_ = std::make_unique<http::Server>(environment.loop(), server, [this](std::shared_ptr<http::Exchange> exchange) {
    return edge_->Handle(edge::Site::kDesk, std::move(exchange));
  });
  chat_ = std::make_unique<http::Server>(environment.loop(), server, [this](std::shared_ptr<http::Exchange> exchange) {
    return edge_->Handle(edge::Site::kWebchat, std::move(exchange));
  });
  auto status = desk_->Listen(absl::StrCat(config_.address, ":", config_.port));
  if (status.ok()) status = chat_->Listen(absl::StrCat(config_.address, ":", config_.chat_port));
  if (status.ok()) core::Logger("desk").Info("listening", {{"port", desk_->port()}, {"chat_port", chat_->port()}});
  return status;
}

void DeskModule::StartFeed(Environment& environment) {
  auto routing = environment.ChannelTo("routing", "desk");
  auto channels = environment.ChannelTo("channels", "desk");
  hub_ = std::make_unique<feed::FeedHub>();
  presence_ = std::make_unique<feed::Presence>(*tasks_, [routing] { return routing; });
  presence_->Start();
  feed::FeedApi::Dependencies dependencies{hub_.get(),
                                           presence_.get(),
                                           &environment.clock(),
                                           &environment.random(),
                                           [routing] { return routing; },
                                           [channels] { return channels; }};
  api_ = std::make_unique<feed::FeedApi>(std::move(dependencies), feed::FeedMetrics(environment.metrics()));
  api_->Register(environment.registry());
}

void DeskModule::OnEvent(const events::ReceivedPtr& received) {
  if (received->event.kind() == events::EventKind::EVENT_KIND_CONFIGURATION_CHANGED) configuration_changed_.Set();
  if (const auto notice = NoticeOf(received->event)) {
    hub_->Publish(*notice, received->cursor.ToString());
  }
}

async::Task<void> DeskModule::FollowEvents(DeskModule* self, Environment* environment) {
  for (;;) {
    const auto ready = co_await environment->events().WaitReady(core::Deadline::After(std::chrono::seconds(5)));
    if (ready.ok()) break;
    if (!co_await async::Sleep(std::chrono::milliseconds(200))) co_return;
  }
  auto cursor = environment->events().Cursor();
  if (!cursor.ok()) co_return;
  events::Handlers handlers;
  handlers.on_event = [self](const events::ReceivedPtr& received) { self->OnEvent(received); };
  handlers.on_reset = [self](const redis::StreamCursor& now) {
    self->hub_->Lost(now.ToString());
    self->configuration_changed_.Set();
  };
  auto subscribed = environment->events().Subscribe(*cursor, std::move(handlers));
  if (!subscribed.ok()) co_return;
  self->hub_->SetCursor(subscribed->now.ToString());
  self->subscription_ = std::move(subscribed->subscription);
}

// Only for who may embed the chat page.
async::Task<void> DeskModule::FollowConfiguration(DeskModule* self, Environment* environment) {
  using Request = internal::directory::v1::GetConfigurationRequest;
  using Response = internal::directory::v1::GetConfigurationResponse;
  auto directory = environment->ChannelTo("directory", "desk");
  std::int64_t version = 0;
  for (;;) {
    self->configuration_changed_.Reset();
    Request request;
    request.set_known_version(version);
    rpc::CallOptions options{core::Deadline::After(std::chrono::seconds(5))};
    auto response = co_await directory->Call<Request, Response>(
        "haven.internal.directory.v1.DirectoryInternalService/GetConfiguration", std::move(request),
        std::move(options));
    if (response.ok() && response->has_spec()) {
      version = response->version();
      self->embedders_.clear();
      for (const auto& channel : response->spec().channels()) {
        self->embedders_.insert(self->embedders_.end(), channel.allowed_origins().begin(),
                                channel.allowed_origins().end());
      }
    }
    const auto pause = response.ok() ? std::chrono::seconds(30) : std::chrono::seconds(1);
    std::ignore = co_await self->configuration_changed_.Wait(core::Deadline::After(pause));
    if (co_await async::Cancelled()) co_return;
  }
}

async::Task<void> DeskModule::Stop(core::Deadline deadline) {
  subscription_.reset();
  if (chat_) co_await chat_->Drain(deadline);
  if (desk_) co_await desk_->Drain(deadline);
  if (tasks_) co_await tasks_->Drain(deadline);
}

}  // namespace

std::unique_ptr<ServiceModule> NewDeskModule() {
  return std::make_unique<DeskModule>();
}

}  // namespace haven::desk
