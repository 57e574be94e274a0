#include <catch2/catch.hpp>
#include <chrono>

#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/store/audit.h"
#include "services/directory/domain/strings.h"
#include "services/directory/testing/test_directory.h"

namespace haven::directory {
namespace {

using testing::BigHub;
using testing::Outcome;
using testing::SampleHub;
using testing::TestDirectory;

TEST_CASE("ApplyHub_First_MakesHubAndUsers") {
  TestDirectory hub;
  const auto applied = hub.Apply(SampleHub());
  REQUIRE(Outcome(applied) == "OK");
  CHECK(applied->version() == 1);
  CHECK(applied->changes_size() == 18);
  CHECK(applied->warnings().empty());
  CHECK(applied->users_without_password_size() == 2);
  const auto got = hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), hub.Admin());
  REQUIRE(Outcome(got) == "OK");
  CHECK(got->version() == 1);
  CHECK(got->spec().key() == "demo");
  CHECK(got->spec().queues_size() == 2);
  CHECK(got->spec().queues(0).offer_time().seconds() == 30);  // defaults are filled in
  CHECK(got->spec().users().empty());
  CHECK(got->apply_time().seconds() == absl::ToUnixSeconds(hub.clock.Now()));
  const v1::User amal = hub.UserNamed("amal");
  CHECK(core::IsUuid(amal.id()));
  CHECK(amal.skills_size() == 3);
  CHECK(amal.create_time().seconds() == absl::ToUnixSeconds(hub.clock.Now()));
  CHECK(hub.Events() == std::vector<std::string>{"configuration_changed 1"});
}

TEST_CASE("ApplyHub_SameAgain_ChangesNothing") {
  TestDirectory hub;
  hub.ApplySample();
  const auto again = hub.Apply(SampleHub());
  REQUIRE(Outcome(again) == "OK");
  CHECK(again->changes().empty());
  CHECK(again->version() == 1);
  CHECK(again->users_without_password().empty());
  CHECK(hub.Events().size() == 1);
}

TEST_CASE("ApplyHub_Change_TellsItAndRaisesTheVersion") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string id = hub.UserNamed("amal").id();
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(0)->mutable_skills(0)->set_level(5);
  const auto applied = hub.Apply(spec);
  REQUIRE(Outcome(applied) == "OK");
  REQUIRE(applied->changes_size() == 1);
  CHECK(applied->changes(0).path() == "users.amal.skills");
  CHECK(applied->version() == 2);
  CHECK(hub.UserNamed("amal").id() == id);
  CHECK(hub.UserNamed("amal").skills(2).level() == 5);
  CHECK(hub.Events() == std::vector<std::string>{"configuration_changed 1", "configuration_changed 2"});
}

TEST_CASE("ApplyHub_DryRun_WritesNothing") {
  TestDirectory hub;
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  request.set_dry_run(true);
  const auto checked = hub.Call<v1::ApplyHubResponse>(testing::kApplyHub, request, hub.Admin());
  REQUIRE(Outcome(checked) == "OK");
  CHECK(checked->changes_size() == 18);
  CHECK(checked->version() == 1);
  CHECK(checked->users_without_password_size() == 2);
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), hub.Admin())) ==
        "NOT_FOUND REASON_NOT_FOUND");
  CHECK(hub.Sql("SELECT count(*) FROM directory.users") == "0");
  CHECK(hub.Sql("SELECT count(*) FROM directory.audit") == "0");
  CHECK(hub.Events().empty());
}

TEST_CASE("ApplyHub_Mistakes_AreNamedAllAtOnceByPath") {
  TestDirectory hub;
  v1::HubSpec spec = SampleHub();
  spec.mutable_queues(1)->set_hours("dya");
  spec.mutable_queues(1)->mutable_required_skills(0)->set_level(9);
  spec.set_key("elsewhere");
  v1::ApplyHubRequest request;
  *request.mutable_spec() = spec;
  request.set_request_id("7");
  (*request.mutable_passwords())["amal"] = "short";
  (*request.mutable_passwords())["huda"] = "tulip-garden-47-moss";
  CHECK(Outcome(hub.Apply(request)) ==
        "INVALID_ARGUMENT REASON_INVALID_FIELD "
        "requestId,spec.key,spec.queues[1].hours,spec.queues[1].requiredSkills[0].level,passwords.amal,passwords");
  CHECK(hub.Sql("SELECT version FROM directory.hub") == "0");
}

TEST_CASE("ApplyHub_WithoutSpec_Refused") {
  TestDirectory hub;
  CHECK(Outcome(hub.Apply(v1::ApplyHubRequest())).starts_with("INVALID_ARGUMENT REASON_INVALID_FIELD spec,"));
}

// All headers of an answer together have 8 KiB.
TEST_CASE("ApplyHub_ThousandMistakes_FitIntoAnAnswer") {
  TestDirectory hub;
  v1::HubSpec spec = SampleHub();
  for (int i = 0; i < 2000; ++i) spec.add_users()->set_username("NO NAME");
  const auto refused = hub.Apply(spec);
  CHECK(refused.status().code() == absl::StatusCode::kInvalidArgument);
  const auto told = core::ViolationsOf(refused.status());
  REQUIRE(told.size() > 10);
  CHECK(told.back().description.starts_with("has "));
}

TEST_CASE("ApplyHub_RepeatedRequestId_IsAnsweredWithTheFirstAnswer") {
  TestDirectory hub;
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  request.set_request_id("0197a3c0-0000-7000-8000-0000000000aa");
  (*request.mutable_passwords())["amal"] = TestDirectory::kAmalsPassword;
  const auto first = hub.Apply(request);
  REQUIRE(Outcome(first) == "OK");
  const auto repeat = hub.Apply(request);
  REQUIRE(Outcome(repeat) == "OK");
  CHECK(repeat->changes_size() == first->changes_size());
  CHECK(repeat->version() == 1);
  request.mutable_spec()->set_display_name("Other");
  CHECK(Outcome(hub.Apply(request)) == "ALREADY_EXISTS REASON_ALREADY_EXISTS");
}

TEST_CASE("ApplyHub_UserMissing_IsDisabledAndComesBackTheSame") {
  TestDirectory hub;
  hub.ApplySample();
  const std::string id = hub.UserNamed("amal").id();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  REQUIRE(Outcome(session) == "OK");
  v1::HubSpec without = SampleHub();
  without.mutable_users()->DeleteSubrange(0, 1);
  const auto applied = hub.Apply(without);
  REQUIRE(Outcome(applied) == "OK");
  REQUIRE(applied->changes_size() == 1);
  CHECK(applied->changes(0).kind() == v1::Change::KIND_REMOVE);
  CHECK(applied->changes(0).path() == "users.amal");
  CHECK(hub.UserNamed("amal").id().empty());
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "UNAUTHENTICATED REASON_UNAUTHENTICATED");
  CHECK(hub.StreamEnded(id, "any"));
  CHECK(hub.Events() == std::vector<std::string>{"configuration_changed 1", "identity_changed revoked " + id,
                                                 "configuration_changed 2"});
  REQUIRE(Outcome(hub.Apply(SampleHub())) == "OK");
  CHECK(hub.UserNamed("amal").id() == id);
  CHECK(Outcome(hub.IssueToken(session->session_secret())) ==
        "NOT_FOUND REASON_NOT_FOUND");  // the old session stays ended
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
}

TEST_CASE("ApplyHub_UserDisabled_SessionsEndAtOnce") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(0)->set_disabled(true);
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
  CHECK(hub.UserNamed("amal").disabled());
}

TEST_CASE("ApplyHub_RolesChanged_StreamsEndAndTheSessionStays") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  v1::HubSpec spec = SampleHub();
  spec.mutable_users(0)->add_roles(options::v1::ROLE_SUPERVISOR);
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  const std::string id = hub.UserNamed("amal").id();
  CHECK(hub.StreamEnded(id, "any"));
  CHECK(hub.Events()[1] == "identity_changed changed " + id);
  const auto token = hub.IssueToken(session->session_secret());
  REQUIRE(Outcome(token) == "OK");
  CHECK(token->user().roles_size() == 2);
}

TEST_CASE("ApplyHub_Passwords_OnlyForThoseWithout_UnlessReset") {
  TestDirectory hub;
  hub.ApplySample();
  const auto session = hub.SignIn("amal", TestDirectory::kAmalsPassword);
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  (*request.mutable_passwords())["amal"] = "another-garden-55-fern";
  REQUIRE(Outcome(hub.Apply(request)) == "OK");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
  request.set_reset_passwords(true);
  const auto reset = hub.Apply(request);
  REQUIRE(Outcome(reset) == "OK");
  CHECK(reset->version() == 1);
  REQUIRE(reset->changes_size() == 1);
  CHECK(reset->changes(0).path() == "users.amal.password");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "UNAUTHENTICATED REASON_UNAUTHENTICATED");
  CHECK(Outcome(hub.SignIn("amal", "another-garden-55-fern")) == "OK");
  CHECK(Outcome(hub.IssueToken(session->session_secret())) == "NOT_FOUND REASON_NOT_FOUND");
}

TEST_CASE("ApplyHub_Password_IsNowhereInTheDatabase") {
  TestDirectory hub;
  hub.ApplySample();
  // Everything a dump would hold, as text and as hexadecimal of bytes; also the fast hash of a guess must be nowhere.
  CHECK(hub.Sql("SELECT count(*) FROM directory.users WHERE users::text LIKE '%tulip%'") == "0");
  CHECK(hub.Sql("SELECT count(*) FROM directory.audit WHERE audit::text LIKE '%tulip%'") == "0");
  CHECK(hub.Sql("SELECT count(*) FROM directory.idempotency WHERE encode(response, 'escape') LIKE '%tulip%'") == "0");
  CHECK(hub.Sql("SELECT count(*) FROM directory.hub WHERE encode(spec, 'escape') LIKE '%tulip%'") == "0");
  CHECK(hub.Sql("SELECT password_hash LIKE '$argon2id$%' FROM directory.users WHERE username = 'amal'") == "t");
}

// Two requests that differ in a password alone are the same to the record of requests: nothing derived from it is kept.
TEST_CASE("ApplyHub_RequestRecord_DoesNotDependOnPasswords") {
  TestDirectory hub;
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  request.set_request_id("0197a3c0-0000-7000-8000-0000000000aa");
  (*request.mutable_passwords())["amal"] = TestDirectory::kAmalsPassword;
  REQUIRE(Outcome(hub.Apply(request)) == "OK");
  (*request.mutable_passwords())["amal"] = "another-garden-55-fern";
  CHECK(Outcome(hub.Apply(request)) == "OK");
  CHECK(Outcome(hub.SignIn("amal", TestDirectory::kAmalsPassword)) == "OK");
}

TEST_CASE("ApplyHub_WhoMay") {
  TestDirectory hub;
  v1::ApplyHubRequest request;
  *request.mutable_spec() = SampleHub();
  request.set_dry_run(true);
  const auto as = [&](const std::string& token) {
    return Outcome(hub.Call<v1::ApplyHubResponse>(testing::kApplyHub, request, token));
  };
  CHECK(as("") == "UNAUTHENTICATED REASON_UNAUTHENTICATED");
  CHECK(as("v4.public.forged") == "UNAUTHENTICATED REASON_UNAUTHENTICATED");
  CHECK(as(hub.Staff({options::v1::ROLE_AGENT, options::v1::ROLE_SUPERVISOR})) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(as(hub.Staff({options::v1::ROLE_AUDITOR})) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(as(hub.Admin()) == "OK");
  CHECK(as(hub.ServiceNamed("admin")) == "OK");
  const auto reader = hub.CreateApiKey({"directory.read"});
  const auto writer = hub.CreateApiKey({"directory.write"});
  REQUIRE(writer.ok());
  CHECK(as(reader->secret()) == "PERMISSION_DENIED REASON_FORBIDDEN");
  CHECK(as(writer->secret()) == "OK");
}

TEST_CASE("ApplyHub_IsAudited") {
  TestDirectory hub;
  hub.ApplySample();
  CHECK(hub.Sql("SELECT string_agg(action, ',' ORDER BY id) FROM directory.audit") ==
        "user.set_password,user.set_password,user.apply,user.apply,hub.apply");
  CHECK(hub.Sql("SELECT detail::text FROM directory.audit WHERE action = 'hub.apply'") ==
        "{\"version\":1,\"changes\":20}");
  CHECK(hub.Sql("SELECT DISTINCT actor FROM directory.audit") == "user:00000000-0000-7000-8000-000000000001");
  store::AuditLinker linker(*hub.database, {});
  const auto until = core::Deadline::After(std::chrono::seconds(10));
  std::int64_t linked = 0;
  for (bool others = true; linked == 0 && others && !until.Expired();) {
    others = hub.postgres.OthersWrite();
    const auto count = async::BlockOn(hub.loop, linker.LinkOnce(until));
    REQUIRE(count.ok());
    linked = *count;
  }
  CHECK(linked == 5);
  const auto report = store::VerifyAudit(hub.postgres.dsn(), "directory");
  REQUIRE(report.ok());
  CHECK(report->head.position == 5);
}

TEST_CASE("ApplyHub_AtTheSameTime_EachIsWhole") {
  TestDirectory hub;
  hub.ApplySample();
  struct Both {
    static async::Task<void> One(TestDirectory* hub, int n, int* ok) {
      v1::ApplyHubRequest request;
      *request.mutable_spec() = SampleHub();
      request.mutable_spec()->set_display_name(Cat("Hub ", n));
      request.mutable_spec()->mutable_users(0)->set_display_name(Cat("Amal ", n));
      request.set_request_id(core::NewUuid(hub->clock, core::SystemRandom()));
      rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(20)));
      options.token = hub->Admin();
      auto applied = co_await hub->channel->Call<v1::ApplyHubRequest, v1::ApplyHubResponse>(
          testing::kApplyHub, std::move(request), std::move(options));
      *ok += applied.ok();
    }
    static async::Task<void> Pause() { co_await async::Sleep(std::chrono::milliseconds(5)); }
  };
  int ok = 0;
  {
    async::TaskGroup tasks(hub.loop, "test");
    for (int n = 0; n < 8; ++n) tasks.Spawn(Both::One(&hub, n, &ok));
    const auto until = core::Deadline::After(std::chrono::seconds(30));
    while (tasks.active() > 0 && !until.Expired()) async::BlockOn(hub.loop, Both::Pause());
  }
  CHECK(ok == 8);
  const auto got = hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), hub.Admin());
  REQUIRE(got.ok());
  CHECK(got->version() == 9);
  CHECK(hub.UserNamed("amal").display_name().substr(5) == got->spec().display_name().substr(4));
}

TEST_CASE("ApplyHub_ThreeHundredUsers_UnderTwoSeconds") {
  TestDirectory hub;
  const auto start = std::chrono::steady_clock::now();
  const auto applied = hub.Apply(BigHub(300));
  const auto first = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  REQUIRE(Outcome(applied) == "OK");
  CHECK(hub.Sql("SELECT count(*) FROM directory.users") == "302");
  v1::HubSpec changed = BigHub(300);
  for (auto& user : *changed.mutable_users()) user.set_public_name("Adviser");
  const auto again = std::chrono::steady_clock::now();
  REQUIRE(Outcome(hub.Apply(changed)) == "OK");
  const auto second = std::chrono::duration<double>(std::chrono::steady_clock::now() - again).count();
  WARN("300 users with 10 skills each: first apply " << first << " s, all of them changed " << second << " s");
  CHECK(first < 2);
  CHECK(second < 2);
}

TEST_CASE("GetHub_BeforeAnyApply_NotFound") {
  TestDirectory hub;
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest(), hub.Admin())) ==
        "NOT_FOUND REASON_NOT_FOUND");
  CHECK(Outcome(hub.Call<v1::GetHubResponse>(testing::kGetHub, v1::GetHubRequest())) ==
        "UNAUTHENTICATED REASON_UNAUTHENTICATED");
}

TEST_CASE("ListUsers_PagesByName") {
  TestDirectory hub;
  REQUIRE(Outcome(hub.Apply(BigHub(10))) == "OK");
  v1::ListUsersRequest request;
  request.set_page_size(5);
  std::vector<std::string> names;
  do {
    const auto page = hub.Call<v1::ListUsersResponse>(testing::kListUsers, request, hub.Admin());
    REQUIRE(Outcome(page) == "OK");
    CHECK(page->users_size() <= 5);
    for (const auto& user : page->users()) names.push_back(user.username());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  CHECK(names.size() == 12);
  CHECK(std::is_sorted(names.begin(), names.end()));
}

TEST_CASE("ListUsers_ByTeamAndPrefix") {
  TestDirectory hub;
  v1::HubSpec spec = BigHub(3);
  spec.mutable_users(1)->clear_teams();
  REQUIRE(Outcome(hub.Apply(spec)) == "OK");
  v1::ListUsersRequest request;
  request.set_team("first");
  CHECK(hub.Call<v1::ListUsersResponse>(testing::kListUsers, request, hub.Admin())->users_size() == 4);
  request.set_prefix("Name of am");
  CHECK(hub.Call<v1::ListUsersResponse>(testing::kListUsers, request, hub.Admin())->users_size() == 1);
}

TEST_CASE("ListUsers_BadPageSize_Refused") {
  TestDirectory hub;
  v1::ListUsersRequest request;
  request.set_page_size(501);
  CHECK(Outcome(hub.Call<v1::ListUsersResponse>(testing::kListUsers, request, hub.Admin())) ==
        "INVALID_ARGUMENT REASON_INVALID_FIELD pageSize");
  CHECK(Outcome(hub.Call<v1::ListUsersResponse>(testing::kListUsers, request, hub.Staff({options::v1::ROLE_EDITOR}))) ==
        "PERMISSION_DENIED REASON_FORBIDDEN");
}

}  // namespace
}  // namespace haven::directory
