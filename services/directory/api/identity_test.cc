#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "services/directory/domain/strings.h"
#include "services/directory/store/identity_store.h"
#include "services/directory/testing/test_directory.h"

namespace haven::directory {
namespace {

using options::v1::ROLE_AGENT;
using testing::Outcome;
using testing::SampleHub;
using testing::TestDirectory;

constexpr const char* kRefused = "UNAUTHENTICATED REASON_UNAUTHENTICATED";
constexpr const char* kThrottled = "RESOURCE_EXHAUSTED REASON_RATE_LIMITED";

absl::Duration RetryAfter(const absl::Status& status) {
  const auto after = core::RetryAfterOf(status);
  return after ? absl::FromChrono(*after) : absl::InfiniteDuration();
}

TEST_CASE("SignIn_GivesASession") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  REQUIRE(Outcome(session) == "OK");
  CHECK(session->session_secret().starts_with("hvs_"));
  CHECK(session->session_secret().size() == 47);
  CHECK(session->user().username() == "amal");
  CHECK(session->expire_time().seconds() == absl::ToUnixSeconds(hub.clock.Now() + absl::Hours(12)));
  CHECK(hub.Sql("SELECT action FROM directory.audit ORDER BY id DESC LIMIT 1") == "session.sign_in");
  CHECK(hub.MetricLine("haven_directory_sign_ins_total{outcome=\"ok\"}") == 1);
}

TEST_CASE("SignIn_AnyCaseAndSpacesAroundTheName") {
  TestDirectory hub;
  hub.ApplySample();
  CHECK(Outcome(hub.SignIn(" AMAL ", TestDirectory::kAmalsPassword)) == "OK");
}

TEST_CASE("SignIn_SecretIsStoredAsHashOnly") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  REQUIRE(session.ok());
  const std::string secret = session->session_secret();
  CHECK(hub.Sql(Cat("SELECT count(*) FROM directory.session WHERE secret_hash = sha256('", secret, "')")) == "1");
  CHECK(hub.Sql(Cat("SELECT count(*) FROM directory.session WHERE session::text LIKE '%", secret.substr(4), "%'")) ==
        "0");
  CHECK(hub.Sql(Cat("SELECT count(*) FROM directory.audit WHERE audit::text LIKE '%", secret.substr(4), "%'")) == "0");
}

// Whoever may not sign in learns nothing from the answer: neither its words nor its details differ.
TEST_CASE("SignIn_WrongPasswordUnknownNameDisabledNoPassword_AnswerAlike") {
  TestDirectory hub;
  hub.ApplySample();
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(1)->set_disabled(true);
  auto& huda = *spec.add_users();
  huda = spec.users(0);
  huda.set_username("huda");
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  std::set<std::string> answers;
  for (const auto& [name, password] :
       std::vector<std::pair<std::string, std::string>>{{"amal", "wrong-garden-47-moss"},
                                                        {"nobody", "wrong-garden-47-moss"},
                                                        {"rami", TestDirectory::kRamisPassword},
                                                        {"huda", TestDirectory::kAmalsPassword},
                                                        {"", ""},
                                                        {std::string(5000, 'x'), "x"}}) {
    const auto answer = hub.SignIn(name, password);
    CHECK(Outcome(answer) == kRefused);
    answers.insert(answer.status().ToString());
  }
  CHECK(answers.size() == 1);
}

// In time either: each of them costs one check of a hash, as a right password does.
TEST_CASE("SignIn_UnknownName_CostsAHashAsWell") {
  TestDirectory hub;
  hub.ApplySample();
  const auto hashes = [&] { return hub.MetricLine("haven_directory_hash_seconds_count"); };
  const double before = hashes();
  for (const char* name : {"amal", "nobody", "rami"}) {
    const double start = hashes();
    CHECK(Outcome(hub.SignIn(name, "wrong-garden-47-moss")) == kRefused);
    CHECK(hashes() == start + 1);
  }
  CHECK(hashes() == before + 3);
}

TEST_CASE("SignIn_PasswordTooLong_Refused") {
  TestDirectory hub;
  hub.ApplySample();
  CHECK(Outcome(hub.SignIn("amal", std::string(1025, 'x'))) == "INVALID_ARGUMENT REASON_INVALID_FIELD password");
}

TEST_CASE("SignIn_ManyWrongForOneName_WaitsLongerAndLonger") {
  TestDirectory hub;
  hub.ApplySample();
  for (int i = 0; i < 6; ++i) CHECK(Outcome(hub.SignIn("amal", "wrong-garden-47-moss", Cat("source", i))) == kRefused);
  // Also with the right password, from anywhere.
  auto throttled = hub.SignIn("amal", TestDirectory::kAmalsPassword, "elsewhere");
  CHECK(Outcome(throttled) == kThrottled);
  CHECK(RetryAfter(throttled.status()) > absl::ZeroDuration());
  CHECK(RetryAfter(throttled.status()) <= absl::Milliseconds(1001));
  hub.clock.Advance(absl::Seconds(1));
  CHECK(Outcome(hub.SignIn("amal", "wrong-garden-47-moss", "elsewhere")) == kRefused);
  throttled = hub.SignIn("amal", "wrong-garden-47-moss", "elsewhere");
  CHECK(Outcome(throttled) == kThrottled);
  CHECK(RetryAfter(throttled.status()) > absl::Seconds(1));
  hub.clock.Advance(absl::Seconds(2));
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "elsewhere")) == "OK");
  // A right password clears the name.
  for (int i = 0; i < 5; ++i) CHECK(Outcome(hub.SignIn("amal", "wrong-garden-47-moss", "elsewhere")) == kRefused);
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "elsewhere")) == "OK");
}

// The name need not exist, and what is kept about it does not say it: people type passwords where names belong.
TEST_CASE("SignIn_UnknownName_IsThrottledAlikeAndNotKeptInClear") {
  TestDirectory hub;
  hub.ApplySample();
  for (int i = 0; i < 6; ++i) CHECK(Outcome(hub.SignIn("nobody-at-all", "x", Cat("source", i))) == kRefused);
  CHECK(Outcome(hub.SignIn("nobody-at-all", "x", "elsewhere")) == kThrottled);
  CHECK(hub.Sql("SELECT count(*) FROM directory.sign_in_attempt WHERE encode(subject, 'escape') LIKE '%nobody%'") ==
        "0");
}

TEST_CASE("SignIn_ManyWrongFromOneSource_Waits") {
  DirectoryConfig config;
  config.source_free_attempts = 8;
  TestDirectory hub(config);
  hub.ApplySample();
  for (int i = 0; i < 9; ++i) CHECK(Outcome(hub.SignIn(Cat("name", i), "x", "office")) == kRefused);
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "office")) == kThrottled);
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "home")) == "OK");
  // Time forgives, one failure a minute.
  hub.clock.Advance(absl::Minutes(9));
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "office")) == "OK");
}

// One good password does not buy tries at others.
TEST_CASE("SignIn_Success_DoesNotForgiveTheSource") {
  DirectoryConfig config;
  config.source_free_attempts = 8;
  TestDirectory hub(config);
  hub.ApplySample();
  for (int i = 0; i < 8; ++i) {
    CHECK(Outcome(hub.SignIn(Cat("name", i), "x", "office")) == kRefused);
    if (i < 7) CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword, "office")) == "OK");
  }
  CHECK(Outcome(hub.SignIn("name9", "x", "office")) == kRefused);
  CHECK(Outcome(hub.SignIn("name9", "x", "office")) == kThrottled);
}

TEST_CASE("SignIn_ThrottleOutlivesTheProcess") {
  TestDirectory hub;
  hub.ApplySample();
  for (int i = 0; i < 6; ++i) CHECK(Outcome(hub.SignIn("amal", "x")) == kRefused);
  CHECK(hub.Sql("SELECT count(*) FROM directory.sign_in_attempt WHERE failures = 6") == "2");
}

// Fifty at once must not be fifty free tries.
TEST_CASE("SignIn_AttemptsAtTheSameTime_AllCount") {
  TestDirectory hub;
  hub.ApplySample();
  struct Guess {
    static async::Task<void> One(TestDirectory* hub, int* refused, int* throttled) {
      v1::SignInRequest request;
      request.set_username("amal");
      request.set_password("wrong-garden-47-moss");
      rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
      auto answer = co_await hub->channel->Call<v1::SignInRequest, v1::SignInResponse>(testing::kSignIn, request,
                                                                                       std::move(options));
      *refused += absl::IsUnauthenticated(answer.status());
      *throttled += absl::IsResourceExhausted(answer.status());
    }
    static async::Task<void> Pause() { co_await async::Sleep(std::chrono::milliseconds(5)); }
  };
  int refused = 0;
  int throttled = 0;
  async::TaskGroup tasks(hub.loop, "test");
  for (int n = 0; n < 50; ++n) tasks.Spawn(Guess::One(&hub, &refused, &throttled));
  const auto until = core::Deadline::After(std::chrono::seconds(30));
  while (tasks.active() > 0 && !until.Expired()) async::BlockOn(hub.loop, Guess::Pause());
  CHECK(refused == 6);
  CHECK(throttled == 44);
}

TEST_CASE("SignIn_TooManyAtOnce_Overloaded") {
  DirectoryConfig config;
  config.hashes_waiting = 1;
  config.name_free_attempts = 100;
  config.source_free_attempts = 1000;
  TestDirectory hub(config);
  hub.ApplySample();
  struct Guess {
    static async::Task<void> One(TestDirectory* hub, std::vector<std::string>* outcomes) {
      v1::SignInRequest request;
      request.set_username("amal");
      request.set_password("wrong-garden-47-moss");
      rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
      auto answer = co_await hub->channel->Call<v1::SignInRequest, v1::SignInResponse>(testing::kSignIn, request,
                                                                                       std::move(options));
      outcomes->push_back(Outcome(answer));
    }
    static async::Task<void> Pause() { co_await async::Sleep(std::chrono::milliseconds(5)); }
    // Keeps the one thread busy until told.
    static async::Task<void> Busy(async::BlockingPool* pool, std::shared_future<void> until) {
      const auto wait = [until] {
        until.wait();
        return true;
      };
      (void)co_await pool->Run(core::Deadline::After(std::chrono::seconds(60)), wait);
    }
  };
  std::promise<void> free;
  std::vector<std::string> outcomes;
  async::TaskGroup tasks(hub.loop, "test");
  tasks.Spawn(Guess::Busy(hub.pool.get(), free.get_future().share()));
  for (int n = 0; n < 5; ++n) tasks.Spawn(Guess::One(&hub, &outcomes));
  const auto until = core::Deadline::After(std::chrono::seconds(30));
  // One has the turn, one waits for it.
  while (tasks.active() > 3 && !until.Expired()) async::BlockOn(hub.loop, Guess::Pause());
  CHECK(outcomes == std::vector<std::string>(3, "RESOURCE_EXHAUSTED REASON_OVERLOADED"));
  free.set_value();
  while (tasks.active() > 0 && !until.Expired()) async::BlockOn(hub.loop, Guess::Pause());
  REQUIRE(outcomes.size() == 5);
  CHECK(outcomes.back() == kRefused);
}

TEST_CASE("SignIn_HashOfLessCost_IsMadeAnew") {
  TestDirectory hub;
  hub.ApplySample();
  crypto::PasswordCost less = hub.config.PasswordCost();
  less.passes = 1;
  const auto old = crypto::HashPassword(TestDirectory::kAmalsPassword, less, core::SystemRandom());
  REQUIRE(old.ok());
  hub.Sql(Cat("UPDATE directory.users SET password_hash = '", *old, "' WHERE username = 'amal'"));
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
  const std::string fresh = hub.Sql("SELECT password_hash FROM directory.users WHERE username = 'amal'");
  CHECK(fresh.find("t=2") != std::string::npos);
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
  CHECK(hub.Sql("SELECT password_hash FROM directory.users WHERE username = 'amal'") == fresh);
}

TEST_CASE("IssueToken_Session_SaysWhoAndWhat") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("rami", TestDirectory::kRamisPassword);
  const auto issued = hub.IssueToken(session->session_secret());
  REQUIRE(Outcome(issued) == "OK");
  CHECK(issued->user().username() == "rami");
  CHECK(issued->expire_time().seconds() == absl::ToUnixSeconds(hub.clock.Now() + absl::Minutes(5)));
  const auto identity = hub.Verify(issued->token());
  REQUIRE(identity.ok());
  CHECK((*identity)->kind == rpc::IdentityKind::kStaff);
  CHECK((*identity)->subject == issued->user().id());
  CHECK((*identity)->HasRole(options::v1::ROLE_ADMINISTRATOR));
  CHECK((*identity)->HasRole(options::v1::ROLE_SUPERVISOR));
  CHECK_FALSE((*identity)->HasRole(ROLE_AGENT));
  CHECK((*identity)->teams == std::vector<std::string>{"first"});
  CHECK(core::IsUuid((*identity)->session_id));
}

TEST_CASE("IssueToken_UnknownOrMalformed_NotFound") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string secret(43, 'a');
  for (const std::string& credential :
       {std::string(), std::string("x"), "hvs_" + secret, "hvk_aaaaaaaa_" + secret, "hvv_" + secret,
        "hvs_" + secret + "a", "hvs_'; DROP TABLE session; --" + secret.substr(25),
        std::string("hvs_\0", 5) + secret.substr(1), std::string(100'000, 'h')}) {
    CHECK(Outcome(hub.IssueToken(credential)) == "NOT_FOUND REASON_NOT_FOUND");
  }
}

TEST_CASE("IssueToken_OnlyForServices") {
  TestDirectory hub;
  internal::directory::v1::IssueTokenRequest request;
  using Response = internal::directory::v1::IssueTokenResponse;
  CHECK(Outcome(hub.Call<Response>(testing::kIssueToken, request)) == kRefused);
  CHECK(Outcome(hub.Call<Response>(testing::kIssueToken, request, hub.Admin())) ==
        "PERMISSION_DENIED REASON_FORBIDDEN");
}

TEST_CASE("Session_EndsAfterTwelveHours") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  for (int i = 0; i < 143; ++i) {
    hub.clock.Advance(absl::Minutes(5));
    REQUIRE(Outcome(hub.IssueToken(session->session_secret())) == "OK");
  }
  // The last token does not outlive the session.
  hub.clock.Advance(absl::Minutes(3));
  const auto last = hub.IssueToken(session->session_secret());
  REQUIRE(Outcome(last) == "OK");
  CHECK(last->expire_time().seconds() == session->expire_time().seconds());
  hub.clock.Advance(absl::Minutes(2));
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
}

TEST_CASE("Session_Idle_Ends") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  hub.clock.Advance(absl::Minutes(119));
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "OK");
  hub.clock.Advance(absl::Minutes(119));
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "OK");
  hub.clock.Advance(absl::Minutes(120));
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
}

TEST_CASE("SignOut_EndsThisSessionAlone") {
  TestDirectory hub;
  hub.ApplySample();
  const auto one = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  const auto other = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  const auto token = hub.IssueToken(one->session_secret());
  REQUIRE(token.ok());
  const auto identity = *hub.Verify(token->token());
  CHECK(Outcome(hub.Call<v1::SignOutResponse>(testing::kSignOut, v1::SignOutRequest(), token->token())) == "OK");
  CHECK(Outcome(hub.IssueToken(one->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
  CHECK(Outcome(hub.IssueToken(other->session_secret())) == "OK");
  CHECK(hub.StreamEnded(identity->subject, identity->session_id));
  CHECK_FALSE(hub.StreamEnded(identity->subject, "other"));
  CHECK(hub.Events().back() == Cat("identity_changed signed_out ", identity->subject, " ", identity->session_id));
  CHECK(hub.Sql("SELECT action FROM directory.audit ORDER BY id DESC LIMIT 1") == "session.sign_out");
}

TEST_CASE("SignOut_WithoutSession_Refused") {
  TestDirectory hub;
  CHECK(Outcome(hub.Call<v1::SignOutResponse>(testing::kSignOut, v1::SignOutRequest())) == kRefused);
  CHECK(Outcome(hub.Call<v1::SignOutResponse>(testing::kSignOut, v1::SignOutRequest(), hub.Admin())) == kRefused);
}

TEST_CASE("GetMe_IsTheCaller") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string token = hub.TokenOf("amal", TestDirectory::kAmalsPassword);
  const auto me = hub.Call<v1::GetMeResponse>(testing::kGetMe, v1::GetMeRequest(), token);
  REQUIRE(Outcome(me) == "OK");
  CHECK(me->user().username() == "amal");
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(0)->set_disabled(true);
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  CHECK(Outcome(hub.Call<v1::GetMeResponse>(testing::kGetMe, v1::GetMeRequest(), token)) == kRefused);
}

TEST_CASE("GetClientKey_IsTheSameForEverySessionOfTheUser") {
  TestDirectory hub;
  hub.ApplySample();
  const auto key = [&](const std::string& token) {
    const auto response = hub.Call<v1::GetClientKeyResponse>(testing::kGetClientKey, v1::GetClientKeyRequest(), token);
    REQUIRE(Outcome(response) == "OK");
    return response->key();
  };
  const std::string amal = key(hub.TokenOf("amal", TestDirectory::kAmalsPassword));
  CHECK(amal.size() == 32);
  CHECK(key(hub.TokenOf("amal", TestDirectory::kAmalsPassword)) == amal);
  CHECK(key(hub.TokenOf("rami", TestDirectory::kRamisPassword)) != amal);
  CHECK(Outcome(hub.Call<v1::GetClientKeyResponse>(testing::kGetClientKey, v1::GetClientKeyRequest(), hub.Admin())) ==
        kRefused);
}

absl::StatusOr<v1::ChangePasswordResponse> ChangePassword(TestDirectory& hub, const std::string& token,
                                                          const std::string& old, const std::string& fresh) {
  v1::ChangePasswordRequest request;
  request.set_old_password(old);
  request.set_new_password(fresh);
  return hub.Call<v1::ChangePasswordResponse>(testing::kChangePassword, request, token, "somewhere");
}

TEST_CASE("ChangePassword_EndsTheOtherSessions") {
  TestDirectory hub;
  hub.ApplySample();
  const auto other = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  const auto mine = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  const auto token = hub.IssueToken(mine->session_secret());
  REQUIRE(Outcome(ChangePassword(hub, token->token(), TestDirectory::kAmalsPassword, "another-garden-55-fern")) ==
          "OK");
  CHECK(Outcome(hub.IssueToken(other->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
  CHECK(Outcome(hub.IssueToken(mine->session_secret())) == "OK");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == kRefused);
  CHECK(Outcome(hub.SignIn("amal", "another-garden-55-fern")) == "OK");
  CHECK(hub.Events().back() == "identity_changed revoked " + token->user().id());
}

TEST_CASE("ChangePassword_WrongOldOne_RefusedAndThrottled") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string token = hub.TokenOf("amal", TestDirectory::kAmalsPassword);
  for (int i = 0; i < 6; ++i) {
    CHECK(Outcome(ChangePassword(hub, token, "wrong-garden-47-moss", "another-garden-55-fern")) ==
          "INVALID_ARGUMENT REASON_INVALID_FIELD oldPassword");
  }
  CHECK(Outcome(ChangePassword(hub, token, TestDirectory::kAmalsPassword, "another-garden-55-fern")) == kThrottled);
}

TEST_CASE("ChangePassword_WeakNewOne_Refused") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string token = hub.TokenOf("amal", TestDirectory::kAmalsPassword);
  CHECK(Outcome(ChangePassword(hub, token, TestDirectory::kAmalsPassword, "Password2026!")) ==
        "INVALID_ARGUMENT REASON_INVALID_FIELD newPassword");
  CHECK(Outcome(ChangePassword(hub, "", TestDirectory::kAmalsPassword, "another-garden-55-fern")) == kRefused);
}

TEST_CASE("SetPassword_ByAnAdministrator") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  v1::SetPasswordRequest request;
  request.set_username("amal");
  request.set_password("another-garden-55-fern");
  const auto set = [&](const std::string& token) {
    return Outcome(hub.Call<v1::SetPasswordResponse>(testing::kSetPassword, request, token));
  };
  CHECK(set("") == kRefused);
  CHECK(set(hub.Staff({options::v1::ROLE_SUPERVISOR})) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
  CHECK(set(hub.ServiceNamed("admin")) == "OK");
  CHECK(Outcome(hub.SignIn("amal", "another-garden-55-fern")) == "OK");
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
  CHECK(hub.Sql("SELECT actor FROM directory.audit WHERE action = 'user.set_password' ORDER BY id DESC LIMIT 1") ==
        "service:admin");
  request.set_username("nobody");
  CHECK(set(hub.Admin()) == "NOT_FOUND REASON_NOT_FOUND");
  request.set_password("short");
  CHECK(set(hub.Admin()) == "INVALID_ARGUMENT REASON_INVALID_FIELD password");
}

TEST_CASE("CreateApiKey_WorksWithinItsScopes") {
  TestDirectory hub;
  hub.ApplySample();
  const auto key = hub.CreateApiKey({"directory.read", "directory.read", "conversations.read"});
  REQUIRE(Outcome(key) == "OK");
  CHECK(key->secret().starts_with(key->key().prefix() + "_"));
  CHECK(key->secret().size() == 12 + 1 + 43);
  CHECK(key->key().scopes_size() == 2);
  CHECK(key->key().expire_time().seconds() == absl::ToUnixSeconds(hub.clock.Now() + absl::Hours(24 * 90)));
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), key->secret())) == "OK");
  CHECK(Outcome(hub.Call<v1::ListApiKeysResponse>(testing::kListApiKeys, v1::ListApiKeysRequest(), key->secret())) ==
        "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(hub.Sql(Cat("SELECT count(*) FROM directory.api_key WHERE api_key::text LIKE '%", key->secret().substr(13),
                    "%'")) == "0");
  const auto issued = hub.IssueToken(key->secret());
  REQUIRE(Outcome(issued) == "OK");
  CHECK_FALSE(issued->has_user());
  const auto identity = *hub.Verify(issued->token());
  CHECK(identity->kind == rpc::IdentityKind::kIntegrator);
  CHECK(identity->subject == key->key().prefix());
  CHECK(identity->scopes == std::vector<std::string>{"conversations.read", "directory.read"});
}

TEST_CASE("CreateApiKey_Mistakes_AreNamed") {
  TestDirectory hub;
  v1::CreateApiKeyRequest request;
  const auto create = [&] {
    return Outcome(hub.Call<v1::CreateApiKeyResponse>(testing::kCreateApiKey, request, hub.Admin()));
  };
  CHECK(create() == "INVALID_ARGUMENT REASON_INVALID_FIELD description,scopes");
  request.set_description("Reports");
  request.add_scopes("everything");
  request.mutable_lifetime()->set_seconds(400 * 86400);
  CHECK(create() == "INVALID_ARGUMENT REASON_INVALID_FIELD scopes[0],lifetime");
  CHECK(Outcome(hub.Call<v1::CreateApiKeyResponse>(testing::kCreateApiKey, request, hub.Staff({ROLE_AGENT}))) ==
        "PERMISSION_DENIED REASON_FORBIDDEN");
}

TEST_CASE("ApiKey_ExpiredOrRevokedOrAltered_NotFound") {
  TestDirectory hub;
  hub.ApplySample();
  const auto key = hub.CreateApiKey({"directory.read"});
  REQUIRE(key.ok());
  std::string altered = key->secret();
  altered.back() = altered.back() == 'A' ? 'B' : 'A';
  CHECK(Outcome(hub.IssueToken(altered)) == "NOT_FOUND REASON_NOT_FOUND");
  hub.clock.Advance(absl::Hours(24 * 90) - absl::Minutes(2));
  const auto last = hub.IssueToken(key->secret());
  REQUIRE(Outcome(last) == "OK");
  CHECK(last->expire_time().seconds() == key->key().expire_time().seconds());
  hub.clock.Advance(absl::Minutes(2));
  CHECK(Outcome(hub.IssueToken(key->secret())) == "NOT_FOUND REASON_NOT_FOUND");
}

TEST_CASE("RevokeApiKey_EndsIt") {
  TestDirectory hub;
  hub.ApplySample();
  const auto key = hub.CreateApiKey({"directory.read"});
  v1::RevokeApiKeyRequest request;
  request.set_prefix(key->key().prefix());
  const auto revoke = [&](const std::string& token) {
    return Outcome(hub.Call<v1::RevokeApiKeyResponse>(testing::kRevokeApiKey, request, token));
  };
  CHECK(revoke(key->secret()) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(revoke(hub.Staff({options::v1::ROLE_AUDITOR})) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(revoke(hub.Admin()) == "OK");
  CHECK(Outcome(hub.IssueToken(key->secret())) == "NOT_FOUND REASON_NOT_FOUND");
  // Answers about credentials are remembered for 30 s.
  hub.clock.Advance(absl::Seconds(31));
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), key->secret())) == kRefused);
  CHECK(revoke(hub.Admin()) == "OK");
  CHECK(hub.Sql("SELECT count(*) FROM directory.audit WHERE action = 'api_key.revoke'") == "1");
  request.set_prefix("hvk_aaaaaaaa");
  CHECK(revoke(hub.Admin()) == "NOT_FOUND REASON_NOT_FOUND");
}

TEST_CASE("ListApiKeys_NewestFirstInPages") {
  TestDirectory hub;
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) {
    made.insert(made.begin(), hub.CreateApiKey({"directory.read"})->key().prefix());
    hub.clock.Advance(absl::Seconds(1));
  }
  v1::ListApiKeysRequest request;
  request.set_page_size(3);
  std::vector<std::string> listed;
  do {
    const auto page =
        hub.Call<v1::ListApiKeysResponse>(testing::kListApiKeys, request, hub.Staff({options::v1::ROLE_AUDITOR}));
    REQUIRE(Outcome(page) == "OK");
    for (const auto& key : page->keys()) listed.push_back(key.prefix());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  CHECK(listed == made);
  request.set_page_token("x");
  CHECK(Outcome(hub.Call<v1::ListApiKeysResponse>(testing::kListApiKeys, request, hub.Admin())) ==
        "INVALID_ARGUMENT REASON_INVALID_FIELD pageToken");
  request.set_page_size(-1);
  CHECK(Outcome(hub.Call<v1::ListApiKeysResponse>(testing::kListApiKeys, request, hub.Admin())) ==
        "INVALID_ARGUMENT REASON_INVALID_FIELD pageSize");
}

TEST_CASE("ListApiKeys_ShowsLastUseToTheHour") {
  TestDirectory hub;
  hub.ApplySample();
  const auto key = hub.CreateApiKey({"directory.read"});
  REQUIRE(hub.IssueToken(key->secret()).ok());
  const auto page = hub.Call<v1::ListApiKeysResponse>(testing::kListApiKeys, v1::ListApiKeysRequest(), hub.Admin());
  REQUIRE(page.ok());
  CHECK(page->keys(0).last_use_time().seconds() == absl::ToUnixSeconds(hub.clock.Now()) / 3600 * 3600);
}

// The edge changes session secrets for tokens; nobody else accepts them.
TEST_CASE("SessionSecret_IsNoCredentialOfCalls") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("rami", TestDirectory::kRamisPassword);
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), session->session_secret())) ==
        kRefused);
}

TEST_CASE("GetConfiguration_OnlyWhenItHasChanged") {
  TestDirectory hub;
  using Request = internal::directory::v1::GetConfigurationRequest;
  using Response = internal::directory::v1::GetConfigurationResponse;
  Request request;
  const auto get = [&] { return hub.Call<Response>(testing::kGetConfiguration, request, hub.ServiceNamed("routing")); };
  REQUIRE(Outcome(get()) == "OK");
  CHECK(get()->version() == 0);
  CHECK_FALSE(get()->has_spec());
  hub.ApplySample();
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(1)->set_disabled(true);
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  const auto full = get();
  CHECK(full->version() == 2);
  CHECK(full->spec().queues_size() == 2);
  REQUIRE(full->users_size() == 1);
  CHECK(full->users(0).username() == "amal");
  CHECK(full->users(0).id() == hub.UserNamed("amal").id());
  request.set_known_version(2);
  CHECK(get()->version() == 2);
  CHECK_FALSE(get()->has_spec());
  CHECK(get()->users().empty());
  CHECK(Outcome(hub.Call<Response>(testing::kGetConfiguration, request, hub.Admin())) ==
        "PERMISSION_DENIED REASON_FORBIDDEN");
}

TEST_CASE("Sweep_DeletesWhatSaysNothingMore") {
  TestDirectory hub;
  hub.ApplySample();
  REQUIRE(hub.SignIn("amal", TestDirectory::kAmalsPassword).ok());
  CHECK(Outcome(hub.SignIn("amal", "x")) == kRefused);
  const auto sweep = [&] {
    return async::BlockOn(hub.loop, SweepIdentities(core::Deadline::After(std::chrono::seconds(10)), *hub.database,
                                                    hub.clock.Now(), absl::Hours(24)));
  };
  CHECK(sweep().value() == 0);
  hub.clock.Advance(absl::Minutes(11));
  CHECK(sweep().value() == 2);
  CHECK(hub.Sql("SELECT count(*) FROM directory.sign_in_attempt") == "0");
  hub.clock.Advance(absl::Hours(37));
  CHECK(sweep().value() == 1);
  CHECK(hub.Sql("SELECT count(*) FROM directory.session") == "0");
}

TEST_CASE("Database_Away_Unavailable") {
  TestDirectory hub;
  hub.ApplySample();
  async::BlockOn(hub.loop, hub.database->Close(core::Deadline::After(std::chrono::seconds(5))));
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "UNAVAILABLE REASON_DEPENDENCY_DOWN");
  CHECK(Outcome(hub.IssueToken("hvs_" + std::string(43, 'a'))) == "UNAVAILABLE REASON_DEPENDENCY_DOWN");
  CHECK(Outcome(hub.Apply(SampleHub())) == "UNAVAILABLE REASON_DEPENDENCY_DOWN");
}

}  // namespace
}  // namespace haven::directory
