#include "services/channels/testing/test_hub.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "haven/channels/v1/webchat_service.pb.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/async/task_group.h"
#include "libs/core/config.h"
#include "services/channels/store/schema.h"
#include "services/channels/wire.h"
#include "services/ivr/wire.h"

namespace haven::channels::testing {
namespace {

using namespace std::chrono_literals;  // NOLINT: tests only

async::Task<void> Do(std::function<void()> work) {
  work();
  co_return;
}

async::Task<bool> Poll(std::function<bool()> condition) {
  const auto until = core::Deadline::After(20s);
  while (!until.Expired()) {
    if (condition()) co_return true;
    co_await async::Sleep(1ms);
  }
  co_return false;
}

// Calls made before the server runs wait for it, as in the executable.
class LateChannel final : public rpc::Channel {
 public:
  explicit LateChannel(std::function<std::shared_ptr<rpc::Channel>()> find) : find_(std::move(find)) {}

  std::shared_ptr<rpc::Channel> As(std::shared_ptr<rpc::TokenSource>) override { std::terminate(); }
  async::Task<absl::Status> CallMessage(std::string method, const rpc::Message& request, rpc::Message* response,
                                        rpc::CallOptions options) override {
    while (find_() == nullptr) {
      const bool slept = co_await async::Sleep(1ms);
      if (!slept) co_return absl::CancelledError();
    }
    co_return co_await find_()->CallMessage(std::move(method), request, response, std::move(options));
  }
  async::Task<absl::StatusOr<std::string>> RawCall(std::string, std::string, rpc::CallOptions) override {
    std::terminate();
  }
  std::unique_ptr<rpc::RawStream> StreamRaw(std::string, std::string, rpc::CallOptions) override { std::terminate(); }

 private:
  std::function<std::shared_ptr<rpc::Channel>()> find_;
};

async::Task<absl::StatusOr<rpc::Identity>> NoKeys(core::Deadline, std::string) {
  co_return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such key");
}

}  // namespace

std::string Reason(const absl::Status& status) {
  const auto reason = core::ReasonOf(status);
  return reason ? errors::v1::Reason_Name(*reason) : std::string();
}

TestHub::TestHub(HubOptions options) : manual_clock(absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()))) {
  if (options.configured) neighbours.configuration = Lebanon();
  char name[] = "/tmp/haven-channels-XXXXXX";
  folder_ = ::mkdtemp(name);
  std::filesystem::create_directory(folder_ + "/secrets");

  modules_.push_back(NewChannelsModule());
  if (options.real_flow) modules_.push_back(ivr::NewIvrModule());
  core::Config config;
  std::vector<std::string> schemas;
  std::vector<store::Migration> migrations;
  for (auto& module : modules_) {
    module->Configure(config.Section(std::string(module->name()), "Test."));
    schemas.emplace_back(module->name());
    for (auto& migration : module->migrations()) migrations.push_back(std::move(migration));
  }
  core::ConfigSources sources;
  sources.flags = options.flags;
  const auto loaded = config.Load(sources);
  INFO(loaded.ToString());
  REQUIRE(loaded.ok());
  postgres_.Migrate(schemas, std::move(migrations));

  people_ = rpc::NewTokenIssuer(people_key_, rpc::KeyUse::kPeople, hub_, manual_clock);
  services_ = rpc::NewTokenIssuer(service_key_, rpc::KeyUse::kServices, hub_, manual_clock);
  std::vector<rpc::TrustedKey> keys;
  keys.push_back({people_key_.public_key(), rpc::KeyUse::kPeople});
  keys.push_back({service_key_.public_key(), rpc::KeyUse::kServices});
  verifier_ = rpc::NewTokenVerifier(std::move(keys), hub_, manual_clock);

  async::LoopOptions loop_options;
  loop_options.on_blocked = [](std::chrono::nanoseconds) {};
  loop_ = std::make_unique<async::Loop>(std::move(loop_options));
  loop_->Start();
  OnLoop([&] {
    redis::RedisOptions redis_options;
    redis_options.target = redis_server.target();
    redis_ = redis::Redis::Create(loop_->executor(), redis_options);
    events::FanoutOptions fanout;
    fanout.reader.redis = redis_options;
    fanout.reader.stream = events::StreamKey(hub_);
    fanout_ = events::Fanout::Create(loop_->executor(), std::move(fanout));
    neighbours.Register(registry_, !options.real_flow);
    credentials_ =
        std::make_unique<directory::CredentialClient>(NoKeys, ChannelTo("channels", "directory"), manual_clock);
  });
  for (auto& module : modules_) {
    const auto started = Run(module->Start(*this));
    INFO(started.ToString());
    REQUIRE(started.ok());
  }
  rpc::ServerOptions server_options;
  server_options.tokens = verifier_.get();
  server_options.credentials = credentials_.get();
  server_options.clock = &manual_clock;
  OnLoop([&] { server_ = std::make_unique<rpc::Server>(*loop_, registry_, server_options); });
  const auto serving = server_->Start();
  INFO(serving.ToString());
  REQUIRE(serving.ok());
  OnLoop([&] { channel_ = server_->InProcess(); });
  REQUIRE(Run(fanout_->WaitReady(core::Deadline::After(20s))).ok());
  // The configuration has come when this has an answer.
  bool ready = !options.configured;
  for (int i = 0; i < 2000 && !ready; ++i) {
    ready = Call<v1::GetChatSettingsResponse>("haven.channels.v1.WebchatService/GetChatSettings",
                                              v1::GetChatSettingsRequest())
                .ok();
    if (!ready) Run(async::Sleep(5ms));
  }
  REQUIRE(ready);
}

TestHub::~TestHub() {
  Run(server_->Drain(core::Deadline::After(5s)));
  for (auto it = modules_.rbegin(); it != modules_.rend(); ++it) Run((*it)->Stop(core::Deadline::After(5s)));
  OnLoop([&] {
    // Clients of the server first, the server, then what its handlers were.
    modules_.clear();
    credentials_.reset();
    channel_.reset();
    server_.reset();
    fanout_.reset();
    redis_.reset();
  });
  loop_->Stop();
  std::filesystem::remove_all(folder_);
}

std::unique_ptr<store::Database> TestHub::OpenDatabase(std::string_view service) {
  store::DatabaseOptions options;
  options.dsn = postgres_.dsn();
  options.role = "haven_" + std::string(service);
  options.schema = std::string(service);
  options.connections = 8;
  return std::make_unique<store::Database>(loop_->executor(), std::move(options));
}

std::shared_ptr<rpc::Channel> TestHub::ChannelTo(std::string_view, std::string_view as) {
  auto identity = rpc::NewServiceTokenSource(*services_, std::string(as), manual_clock);
  return std::make_shared<LateChannel>([this, identity, found = std::shared_ptr<rpc::Channel>()]() mutable {
    if (found == nullptr && channel_ != nullptr) found = channel_->As(identity);
    return found;
  });
}

void TestHub::OnLoop(std::function<void()> work) {
  async::BlockOn(*loop_, Do(std::move(work)));
}

bool TestHub::Eventually(std::function<bool()> condition) {
  return Run(Poll(std::move(condition)));
}

std::string TestHub::Staff(const std::string& user, const std::string& role, std::vector<std::string> teams) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kStaff;
  identity.subject = user;
  identity.session_id = "session";
  options::v1::Role parsed = options::v1::ROLE_UNSPECIFIED;
  REQUIRE(options::v1::Role_Parse("ROLE_" + role, &parsed));
  identity.roles.push_back(parsed);
  identity.teams = std::move(teams);
  identity.expires = manual_clock.Now() + absl::Minutes(5);
  return *people_->Issue(identity);
}

std::string TestHub::Integrator(std::vector<std::string> scopes) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kIntegrator;
  identity.subject = "key-1";
  identity.roles.push_back(options::v1::ROLE_INTEGRATOR);
  identity.scopes = std::move(scopes);
  identity.expires = manual_clock.Now() + absl::Minutes(5);
  return *people_->Issue(identity);
}

std::string TestHub::ServiceToken(const std::string& service) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kService;
  identity.subject = service;
  identity.expires = manual_clock.Now() + absl::Minutes(5);
  return *services_->Issue(identity);
}

}  // namespace haven::channels::testing
