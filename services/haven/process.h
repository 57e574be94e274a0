#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/async/wait.h"
#include "libs/rpc/server.h"
#include "libs/telemetry/admin_server.h"
#include "services/haven/environment.h"
#include "services/haven/module.h"
#include "services/haven/settings.h"
#include "services/haven/store_metrics.h"
#include "services/haven/system_api.h"

namespace haven {

// A running process of a hub: its services, its listeners and what they share. Constructed and destroyed off the loop,
// everything else on it.
class Process final : public Environment {
 public:
  // `modules` are the services to run here.
  Process(async::Loop& loop, ProcessSettings settings, std::vector<ServiceModule*> modules);
  ~Process() override;

  // Starts the services, then the listeners. An error says what to do.
  async::Task<absl::Status> Start();
  // Lets calls end, stops the services in reverse order.
  async::Task<void> Stop(core::Deadline deadline);

  int grpc_port() const { return server_->port(); }
  int admin_port() const { return admin_->port(); }

  const std::string& hub() const override { return settings_.hub_id; }
  const std::string& data_dir() const override { return settings_.data_dir; }
  const std::string& instance() const override { return settings_.instance; }
  async::Loop& loop() override { return loop_; }
  async::BlockingPool& compute_pool() override { return *compute_; }
  const core::Clock& clock() override { return core::SystemClock(); }
  core::Random& random() override { return core::SystemRandom(); }
  telemetry::Metrics& metrics() override { return metrics_; }
  telemetry::Health& health() override { return health_; }
  std::unique_ptr<store::Database> OpenDatabase(std::string_view service) override;
  store::StoreMetrics& store_metrics() override { return store_metrics_; }
  redis::Redis& redis() override { return *redis_; }
  events::Fanout& events() override { return *events_; }
  rpc::Registry& registry() override { return registry_; }
  std::shared_ptr<rpc::Channel> ChannelTo(std::string_view service, std::string_view as) override;
  absl::StatusOr<rpc::TokenIssuer*> people_issuer() override;
  void SetCredentialResolver(rpc::CredentialResolver* resolver) override { resolver_.target = resolver; }
  void EndStreams(std::function<bool(const rpc::Identity&)> of) override { server_->EndStreams(of); }

 private:
  friend class LocalChannel;
  // The adapter needs a resolver before the service that brings one has started.
  struct LateResolver final : rpc::CredentialResolver {
    async::Task<absl::StatusOr<rpc::Identity>> Resolve(core::Deadline deadline, std::string credential) override;
    rpc::CredentialResolver* target = nullptr;
  };

  absl::Status OpenKeys();
  absl::Status OpenRedis();
  absl::Status OpenServer();
  absl::Status Listen();

  async::Loop& loop_;
  ProcessSettings settings_;
  std::vector<ServiceModule*> modules_, started_;
  telemetry::Metrics metrics_;
  telemetry::Health health_;
  StoreMetricsAdapter store_metrics_;
  rpc::Registry registry_;
  LateResolver resolver_;
  SystemApi system_;
  std::unique_ptr<async::BlockingPool> compute_;
  std::unique_ptr<rpc::TokenIssuer> people_, services_;
  std::unique_ptr<rpc::TokenVerifier> verifier_;
  std::unique_ptr<redis::Redis> redis_;
  std::unique_ptr<events::Fanout> events_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<telemetry::AdminServer> admin_;
  std::shared_ptr<rpc::Channel> local_;  // in-process, once the server runs
  async::Event serving_;
  std::map<std::string, std::shared_ptr<rpc::Channel>> remote_;
};

}  // namespace haven
