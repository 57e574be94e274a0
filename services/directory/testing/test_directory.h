#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "haven/directory/v1/directory_service.pb.h"
#include "haven/directory/v1/identity_service.pb.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/blocking_pool.h"
#include "libs/async/loop.h"
#include "libs/core/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/registry.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tokens.h"
#include "libs/store/database.h"
#include "libs/store/outbox.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/postgres_fixture.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/api/identity_api.h"
#include "services/directory/api/internal_api.h"
#include "services/directory/api/service.h"
#include "services/directory/client/credential_client.h"
#include "services/directory/testing/sample_hub.h"

namespace haven::directory::testing {

// The directory's API on a real PostgreSQL, called through a real server and channel (a Unix socket, so that sizes of
// headers and messages count), on a clock that moves when told to. Passwords are hashed at Argon2id's least cost.
class TestDirectory {
 public:
  explicit TestDirectory(DirectoryConfig adjusted = DirectoryConfig());
  ~TestDirectory();

  static constexpr const char* kAmalsPassword = "tulip-garden-47-moss";
  static constexpr const char* kRamisPassword = "winter-harbour-82-oak";

  // Tokens as the edge or a service would hold them.
  std::string Admin() { return Staff({options::v1::ROLE_ADMINISTRATOR}); }
  std::string Staff(std::vector<options::v1::Role> roles,
                    const std::string& user_id = "00000000-0000-7000-8000-000000000001",
                    const std::string& session_id = "");
  std::string ServiceNamed(const std::string& name = "desk");

  template <class Resp, class Req>
  absl::StatusOr<Resp> Call(const std::string& method, const Req& request, const std::string& token = "",
                            const std::string& source = "") {
    rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(30)));
    options.token = token;
    if (!source.empty()) options.metadata.emplace_back("haven-source", source);
    return async::BlockOn(loop, channel->Call<Req, Resp>(method, request, std::move(options)));
  }

  // Applies as administrator, with a fresh request id unless the request has one.
  absl::StatusOr<v1::ApplyHubResponse> Apply(v1::ApplyHubRequest request);
  absl::StatusOr<v1::ApplyHubResponse> Apply(const v1::HubSpec& spec);
  // SampleHub with passwords for both users; checks that it went well.
  void ApplySample();

  absl::StatusOr<v1::SignInResponse> SignIn(const std::string& username, const std::string& password,
                                            const std::string& source = "somewhere");
  absl::StatusOr<internal::directory::v1::IssueTokenResponse> IssueToken(const std::string& credential);
  // Signs in and gets a token; checks that it went well.
  std::string TokenOf(const std::string& username, const std::string& password);
  absl::StatusOr<v1::CreateApiKeyResponse> CreateApiKey(std::vector<std::string> scopes);
  v1::User UserNamed(const std::string& username);

  // First column of the first row.
  std::string Sql(const std::string& sql) { return postgres.Exec(sql); }
  absl::StatusOr<std::shared_ptr<const rpc::Identity>> Verify(const std::string& token);
  void OnLoop(std::function<void()> work);
  // Value of a metric's line in the exposition, 0 without one.
  double MetricLine(const std::string& line) const;
  // Kinds and codes of the events that have reached the hub's stream so far ("identity_changed signed_out <session>").
  std::vector<std::string> Events();
  // Identities whose streams were asked to end, as "user/session" of those offered.
  bool StreamEnded(const std::string& user_id, const std::string& session_id);

  // Shared by the tests of a process and emptied for each: to make a database takes a second.
  haven::testing::PostgresFixture& postgres;
  async::Loop loop;
  core::ManualClock clock{absl::FromUnixSeconds(1'795'000'000)};
  telemetry::Metrics metric_registry;
  DirectoryConfig config;
  crypto::SigningKey people_key = crypto::SigningKey::Generate(core::SystemRandom());
  crypto::SigningKey service_key = crypto::SigningKey::Generate(core::SystemRandom());
  std::unique_ptr<rpc::TokenIssuer> people, services;
  std::unique_ptr<rpc::TokenVerifier> verifier;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<async::BlockingPool> pool;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Dispatcher> dispatcher;
  std::unique_ptr<ConfigurationCache> configurations;
  std::unique_ptr<PasswordHasher> hasher;
  std::unique_ptr<Service> service;
  std::unique_ptr<DirectoryApi> directory;
  std::unique_ptr<IdentityApi> identity;
  std::unique_ptr<InternalApi> internal;
  std::unique_ptr<CredentialClient> credentials;
  rpc::Registry registry;
  std::unique_ptr<rpc::Server> server;
  std::shared_ptr<rpc::Channel> channel;

 private:
  void Start();

  std::string folder_;
  std::vector<events::v1::Event> events_;                         // loop thread
  std::vector<std::function<bool(const rpc::Identity&)>> ended_;  // loop thread
};

inline constexpr const char* kApplyHub = "haven.directory.v1.DirectoryService/ApplyHub";
inline constexpr const char* kGetHub = "haven.directory.v1.DirectoryService/GetHub";
inline constexpr const char* kListUsers = "haven.directory.v1.DirectoryService/ListUsers";
inline constexpr const char* kSignIn = "haven.directory.v1.IdentityService/SignIn";
inline constexpr const char* kSignOut = "haven.directory.v1.IdentityService/SignOut";
inline constexpr const char* kGetMe = "haven.directory.v1.IdentityService/GetMe";
inline constexpr const char* kGetClientKey = "haven.directory.v1.IdentityService/GetClientKey";
inline constexpr const char* kChangePassword = "haven.directory.v1.IdentityService/ChangePassword";
inline constexpr const char* kSetPassword = "haven.directory.v1.IdentityService/SetPassword";
inline constexpr const char* kCreateApiKey = "haven.directory.v1.IdentityService/CreateApiKey";
inline constexpr const char* kListApiKeys = "haven.directory.v1.IdentityService/ListApiKeys";
inline constexpr const char* kRevokeApiKey = "haven.directory.v1.IdentityService/RevokeApiKey";
inline constexpr const char* kIssueToken = "haven.internal.directory.v1.DirectoryInternalService/IssueToken";
inline constexpr const char* kGetConfiguration =
    "haven.internal.directory.v1.DirectoryInternalService/GetConfiguration";

// "INVALID_ARGUMENT REASON_INVALID_FIELD spec.key,spec.languages": what a test compares.
std::string Outcome(const absl::Status& status);
template <class T>
std::string Outcome(const absl::StatusOr<T>& result) {
  return Outcome(result.status());
}

}  // namespace haven::directory::testing
