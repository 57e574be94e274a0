#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "libs/async/wait.h"
#include "libs/core/clock.h"
#include "libs/core/error.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/testing/postgres_fixture.h"
#include "libs/testing/redis_fixture.h"
#include "services/directory/client/credential_client.h"
#include "services/haven/module.h"

namespace haven::channels::testing {

// The neighbours of channels, as far as its tests steer them: a configuration to be told, a queue that remembers what
// it was given, a flow that says nothing. Loop thread only, except before the hub starts.
class Neighbours {
 public:
  void Register(rpc::Registry& registry, bool with_flow);

  internal::directory::v1::GetConfigurationResponse configuration;
  std::vector<internal::ivr::v1::StepRequest> steps;
  absl::Status step_status;                           // answered by the flow
  std::map<std::string, std::string> newest_contact;  // by conversation: the last one a flow was started for
  std::vector<internal::routing::v1::EnqueueRequest> enqueued;
  absl::Status enqueue_status;
  std::vector<internal::routing::v1::MarkLeftRequest> left;
  std::map<std::string, internal::routing::v1::GetOwnerResponse> owners;  // by contact
  int owner_questions = 0;
};

// A hub named Lebanon: Arabic, English and French, a queue for legal questions and a general one, the web chat "web".
internal::directory::v1::GetConfigurationResponse Lebanon();
inline constexpr char kAmal[] = "0193532a-0000-7000-8000-00000000000a";
inline constexpr char kRami[] = "0193532a-0000-7000-8000-00000000000b";
inline constexpr char kLead[] = "0193532a-0000-7000-8000-00000000000c";       // supervisor of the legal team
inline constexpr char kOtherLead[] = "0193532a-0000-7000-8000-00000000000d";  // of a team without queues

struct HubOptions {
  bool real_flow = false;  // the service ivr instead of the silent one
  // Of channels' configuration section: "--channels.starts-per-source=3".
  std::vector<std::string> flags;
  bool configured = true;  // the directory has a configuration to tell
};

// The real module of channels (and ivr) on a real PostgreSQL and Redis, its neighbours, and a server called in-process.
class TestHub final : public Environment {
 public:
  explicit TestHub(HubOptions options = {});
  ~TestHub() override;

  const std::string& hub() const override { return hub_; }
  const std::string& data_dir() const override { return folder_; }
  async::Loop& loop() override { return *loop_; }
  async::BlockingPool& compute_pool() override { std::terminate(); }
  const core::Clock& clock() override { return manual_clock; }
  core::Random& random() override { return core::SystemRandom(); }
  telemetry::Metrics& metrics() override { return metrics_; }
  telemetry::Health& health() override { return health_; }
  std::unique_ptr<store::Database> OpenDatabase(std::string_view service) override;
  store::StoreMetrics& store_metrics() override { return store::NoMetrics(); }
  const std::string& instance() const override { return hub_; }
  redis::Redis& redis() override { return *redis_; }
  events::Fanout& events() override { return *fanout_; }
  rpc::Registry& registry() override { return registry_; }
  std::shared_ptr<rpc::Channel> ChannelTo(std::string_view service, std::string_view as) override;
  absl::StatusOr<rpc::TokenIssuer*> people_issuer() override { return people_.get(); }
  void SetCredentialResolver(rpc::CredentialResolver*) override {}
  void EndStreams(std::function<bool(const rpc::Identity&)>) override {}

  // Tokens of staff (user id, role), of a service, and of an integrator with a scope.
  std::string Staff(const std::string& user, const std::string& role, std::vector<std::string> teams = {});
  std::string ServiceToken(const std::string& service);
  std::string Integrator(std::vector<std::string> scopes);

  template <class Resp, class Req>
  absl::StatusOr<Resp> Call(const std::string& method, const Req& request, const std::string& token = {},
                            const std::string& source = {}) {
    rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
    options.token = token;
    if (!source.empty()) options.metadata.emplace_back("haven-source", source);
    return Run(channel_->Call<Req, Resp>(method, request, std::move(options)));
  }
  // A bare channel for streams and concurrent calls, on the loop.
  rpc::Channel& channel() { return *channel_; }

  template <class T>
  T Run(async::Task<T> task) {
    return async::BlockOn(*loop_, std::move(task));
  }
  void OnLoop(std::function<void()> work);
  // Waits until `condition` holds, looked at on the loop; false after 20 s.
  bool Eventually(std::function<bool()> condition);
  // SQL as the superuser; the first column of the first row.
  std::string Sql(const std::string& sql) { return postgres_.Exec(sql); }

  Neighbours neighbours;
  core::ManualClock manual_clock;
  haven::testing::RedisFixture redis_server;

 private:
  haven::testing::PostgresFixture postgres_;
  std::string hub_ = "lb";
  std::string folder_;
  std::unique_ptr<async::Loop> loop_;
  telemetry::Metrics metrics_;
  telemetry::Health health_;
  crypto::SigningKey people_key_ = crypto::SigningKey::Generate(core::SystemRandom());
  crypto::SigningKey service_key_ = crypto::SigningKey::Generate(core::SystemRandom());
  std::unique_ptr<rpc::TokenIssuer> people_, services_;
  std::unique_ptr<rpc::TokenVerifier> verifier_;
  std::unique_ptr<redis::Redis> redis_;
  std::unique_ptr<events::Fanout> fanout_;
  rpc::Registry registry_;
  std::unique_ptr<directory::CredentialClient> credentials_;
  std::vector<std::unique_ptr<ServiceModule>> modules_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<rpc::Channel> channel_;
};

// "REASON_LOST_RACE" of a status; "" if it has none.
std::string Reason(const absl::Status& status);
template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return Reason(result.status());
}

}  // namespace haven::channels::testing
