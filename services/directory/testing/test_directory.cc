#include "services/directory/testing/test_directory.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/events/codec.h"
#include "services/directory/api/credentials.h"
#include "services/directory/domain/strings.h"
#include "services/directory/store/schema.h"

namespace haven::directory::testing {
namespace {

async::Task<void> Do(std::function<void()> work) {
  work();
  co_return;
}

async::Task<absl::StatusOr<rpc::Identity>> ResolveKey(Service* service, core::Deadline deadline,
                                                      std::string credential) {
  auto resolved = co_await ResolveCredential(*service, deadline, std::move(credential));
  if (!resolved.ok()) co_return resolved.status();
  co_return std::move(resolved->identity);
}

async::Task<absl::Status> Record(std::vector<events::v1::Event>* out, std::vector<events::v1::Event> events) {
  for (auto& event : events) out->push_back(std::move(event));
  co_return absl::OkStatus();
}

// Until nothing waits in the outbox.
async::Task<bool> Delivered(store::Database* database) {
  static constexpr store::Statement kWaiting{"test_outbox", "SELECT count(*) FROM outbox"};
  const auto until = core::Deadline::After(std::chrono::seconds(20));
  while (!until.Expired()) {
    auto rows = co_await database->Query(until, kWaiting);
    if (rows.ok() && rows->Int(0, 0) == 0) co_return true;
    co_await async::Sleep(std::chrono::milliseconds(2));
  }
  co_return false;
}

haven::testing::PostgresFixture& EmptyDatabase() {
  static std::unique_ptr<haven::testing::PostgresFixture> postgres;
  if (!postgres) {
    postgres = std::make_unique<haven::testing::PostgresFixture>();
    postgres->Migrate({"directory"}, Migrations());
    return *postgres;
  }
  postgres->Exec(
      "DO $do$ DECLARE names text; BEGIN "
      "SELECT string_agg('directory.' || tablename, ', ') INTO names FROM pg_tables WHERE schemaname = 'directory'; "
      "EXECUTE 'TRUNCATE ' || names || ' RESTART IDENTITY'; END $do$;"
      "INSERT INTO directory.hub (version, spec, apply_time) VALUES (0, '', now())");
  return *postgres;
}

}  // namespace

std::string Outcome(const absl::Status& status) {
  std::string text = absl::StatusCodeToString(status.code());
  if (const auto reason = core::ReasonOf(status)) CatTo(&text, " ", errors::v1::Reason_Name(*reason));
  std::vector<std::string> fields;
  for (const auto& violation : core::ViolationsOf(status)) fields.push_back(violation.field);
  if (!fields.empty()) CatTo(&text, " ", Join(fields, ","));
  return text;
}

TestDirectory::TestDirectory(DirectoryConfig adjusted) : postgres(EmptyDatabase()), config(adjusted) {
  config.unsafe_hashes_for_tests = true;
  loop.Start();
  people = rpc::NewTokenIssuer(people_key, rpc::KeyUse::kPeople, "demo", clock);
  services = rpc::NewTokenIssuer(service_key, rpc::KeyUse::kServices, "demo", clock);
  std::vector<rpc::TrustedKey> keys;
  keys.push_back({people_key.public_key(), rpc::KeyUse::kPeople});
  keys.push_back({service_key.public_key(), rpc::KeyUse::kServices});
  verifier = rpc::NewTokenVerifier(std::move(keys), "demo", clock);
  OnLoop([this] { Start(); });
  const auto prepared = async::BlockOn(loop, hasher->Prepare(core::Deadline::After(std::chrono::seconds(20))));
  REQUIRE(prepared.ok());
  const auto started = server->Start();
  INFO(started.ToString());
  REQUIRE(started.ok());
  channel = rpc::Channel::Connect(loop, Cat("unix:", folder_, "/s"), {});
}

void TestDirectory::Start() {
  metrics = std::make_unique<Metrics>(metric_registry);
  async::BlockingPoolOptions blocking;
  pool = std::make_unique<async::BlockingPool>(loop, blocking);
  store::DatabaseOptions options;
  options.dsn = postgres.dsn();
  options.role = "haven_directory";
  options.schema = "directory";
  database = std::make_unique<store::Database>(loop.executor(), options);
  dispatcher = std::make_unique<store::Dispatcher>(*database, store::DispatcherOptions());
  RegisterEvents(*dispatcher, [this](core::Deadline, std::vector<events::v1::Event> events) {
    return Record(&events_, std::move(events));
  });
  dispatcher->Start();
  configurations = std::make_unique<ConfigurationCache>(*database);
  hasher = std::make_unique<PasswordHasher>(*pool, config.PasswordCost(), config.hashes_at_once, config.hashes_waiting,
                                            metrics->hash_seconds);
  service.reset(new Service{config, "demo", *database, *dispatcher, *configurations, *hasher, clock,
                            core::SystemRandom(), people.get(), *metrics, "0123456789abcdef0123456789abcdef",
                            [this](std::function<bool(const rpc::Identity&)> of) { ended_.push_back(std::move(of)); }});
  directory = std::make_unique<DirectoryApi>(*service);
  identity = std::make_unique<IdentityApi>(*service);
  internal = std::make_unique<InternalApi>(*service);
  credentials = std::make_unique<CredentialClient>(
      [this](core::Deadline deadline, std::string credential) {
        return ResolveKey(service.get(), deadline, std::move(credential));
      },
      nullptr, clock);
  directory->Register(registry);
  identity->Register(registry);
  internal->Register(registry);
  rpc::ServerOptions server_options;
  server_options.tokens = verifier.get();
  server_options.credentials = credentials.get();
  server_options.clock = &clock;
  server = std::make_unique<rpc::Server>(loop, registry, server_options);
  char name[] = "/tmp/haven-directory-XXXXXX";
  folder_ = ::mkdtemp(name);
  REQUIRE(server->AddUnix(folder_ + "/s").ok());
}

TestDirectory::~TestDirectory() {
  channel.reset();
  server.reset();
  const auto soon = core::Deadline::After(std::chrono::seconds(10));
  if (dispatcher) async::BlockOn(loop, dispatcher->Drain(soon));
  if (database) async::BlockOn(loop, database->Close(soon));
  OnLoop([this] {
    pool.reset();
    dispatcher.reset();
    database.reset();
  });
  loop.Stop();
  std::filesystem::remove_all(folder_);
}

void TestDirectory::OnLoop(std::function<void()> work) {
  async::BlockOn(loop, Do(std::move(work)));
}

std::string TestDirectory::Staff(std::vector<options::v1::Role> roles, const std::string& user_id,
                                 const std::string& session_id) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kStaff;
  identity.subject = user_id;
  identity.roles = std::move(roles);
  identity.session_id = session_id;
  identity.expires = clock.Now() + absl::Minutes(5);
  return people->Issue(identity).value();
}

std::string TestDirectory::ServiceNamed(const std::string& name) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kService;
  identity.subject = name;
  identity.expires = clock.Now() + absl::Minutes(5);
  return services->Issue(identity).value();
}

absl::StatusOr<v1::ApplyHubResponse> TestDirectory::Apply(v1::ApplyHubRequest request) {
  if (request.request_id().empty()) request.set_request_id(core::NewUuid(clock, core::SystemRandom()));
  return Call<v1::ApplyHubResponse>(kApplyHub, request, Admin());
}

absl::StatusOr<v1::ApplyHubResponse> TestDirectory::Apply(const v1::HubSpec& spec) {
  v1::ApplyHubRequest request;
  *request.mutable_spec() = spec;
  return Apply(std::move(request));
}

void TestDirectory::ApplySample() {
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  (*request.mutable_passwords())["amal"] = kAmalsPassword;
  (*request.mutable_passwords())["rami"] = kRamisPassword;
  const auto applied = Apply(std::move(request));
  INFO(applied.status().ToString());
  REQUIRE(applied.ok());
}

absl::StatusOr<v1::SignInResponse> TestDirectory::SignIn(const std::string& username, const std::string& password,
                                                         const std::string& source) {
  v1::SignInRequest request;
  request.set_username(username);
  request.set_password(password);
  return Call<v1::SignInResponse>(kSignIn, request, "", source);
}

absl::StatusOr<internal::directory::v1::IssueTokenResponse> TestDirectory::IssueToken(const std::string& credential) {
  internal::directory::v1::IssueTokenRequest request;
  request.set_credential(credential);
  return Call<internal::directory::v1::IssueTokenResponse>(kIssueToken, request, ServiceNamed());
}

std::string TestDirectory::TokenOf(const std::string& username, const std::string& password) {
  const auto session = SignIn(username, password);
  INFO(session.status().ToString());
  REQUIRE(session.ok());
  const auto token = IssueToken(session->session_secret());
  REQUIRE(token.ok());
  return token->token();
}

absl::StatusOr<v1::CreateApiKeyResponse> TestDirectory::CreateApiKey(std::vector<std::string> scopes) {
  v1::CreateApiKeyRequest request;
  request.set_description("Reports of the ministry");
  for (auto& scope : scopes) request.add_scopes(std::move(scope));
  return Call<v1::CreateApiKeyResponse>(kCreateApiKey, request, Admin());
}

v1::User TestDirectory::UserNamed(const std::string& username) {
  v1::ListUsersRequest request;
  request.set_prefix(username);
  const auto users = Call<v1::ListUsersResponse>(kListUsers, request, Admin());
  REQUIRE(users.ok());
  for (const auto& user : users->users()) {
    if (user.username() == username) return user;
  }
  return {};
}

absl::StatusOr<std::shared_ptr<const rpc::Identity>> TestDirectory::Verify(const std::string& token) {
  absl::StatusOr<std::shared_ptr<const rpc::Identity>> identity;
  OnLoop([&] { identity = verifier->Verify(token); });
  return identity;
}

double TestDirectory::MetricLine(const std::string& line) const {
  std::istringstream lines(metric_registry.Exposition());
  for (std::string text; std::getline(lines, text);) {
    if (text.starts_with(line + " ")) return std::stod(text.substr(line.size() + 1));
  }
  return 0;
}

std::vector<std::string> TestDirectory::Events() {
  REQUIRE(async::BlockOn(loop, Delivered(database.get())));
  std::vector<std::string> out;
  OnLoop([&] {
    for (const auto& event : events_) {
      std::string text(events::KindName(event.kind()));
      for (const auto& part : {event.code(), event.agent_id(), event.session_id()}) {
        if (!part.empty()) CatTo(&text, " ", part);
      }
      if (event.sequence() != 0) CatTo(&text, " ", event.sequence());
      out.push_back(std::move(text));
    }
  });
  return out;
}

bool TestDirectory::StreamEnded(const std::string& user_id, const std::string& session_id) {
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kStaff;
  identity.subject = user_id;
  identity.session_id = session_id;
  bool ended = false;
  OnLoop([&] {
    for (const auto& of : ended_) ended |= of(identity);
  });
  return ended;
}

}  // namespace haven::directory::testing
