#include "libs/rpc/access.h"

#include <catch2/catch.hpp>

#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/rpc/test_hub.h"

namespace haven::rpc {
namespace {

using options::v1::ROLE_ADMINISTRATOR;
using options::v1::ROLE_AGENT;
using options::v1::ROLE_SUPERVISOR;

Topology EachTopology() {
  return GENERATE(Topology::kInProcess, Topology::kUnix, Topology::kTcp);
}

Identity Of(IdentityKind kind, std::vector<std::string> scopes = {}) {
  Identity identity;
  identity.kind = kind;
  identity.subject = "someone";
  identity.scopes = std::move(scopes);
  return identity;
}

// Every kind of caller against every audience: who is not meant never enters a handler.
TEST_CASE("Access_RefusedCallsNeverEnterTheirHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const std::string nobody;
  const std::string service = hub.ServiceToken();
  const std::string agent = hub.StaffToken({ROLE_AGENT});
  const std::string supervisor = hub.StaffToken({ROLE_AGENT, ROLE_SUPERVISOR});
  const std::string visitor = hub.TokenOf(Of(IdentityKind::kVisitor));
  const std::string writer = hub.TokenOf(Of(IdentityKind::kIntegrator, {"test.read", "test.write"}));
  const std::string reader = hub.TokenOf(Of(IdentityKind::kIntegrator, {"test.read"}));
  const std::vector<std::string> everybody{nobody, service, agent, supervisor, visitor, writer, reader};
  struct Row {
    const char* method;
    std::vector<std::string> admitted;
  };
  const Row rows[] = {
      {"Open", everybody},    {"Internal", {service}},       {"Integrate", {writer}},
      {"Lead", {supervisor}}, {"Work", {agent, supervisor}}, {"Visit", {visitor}},
  };
  for (const auto& row : rows) {
    for (const auto& caller : everybody) {
      INFO(row.method << " by " << (&caller - everybody.data()));
      const int before = hub.api.entered;
      const bool admitted = std::find(row.admitted.begin(), row.admitted.end(), caller) != row.admitted.end();
      const auto status = hub.Call(row.method, "x", caller).status();
      CHECK(hub.api.entered == before + (admitted ? 1 : 0));
      if (admitted) {
        CHECK(status.ok());
      } else if (caller.empty()) {
        CHECK(status.code() == absl::StatusCode::kUnauthenticated);
        CHECK(core::ReasonOf(status) == errors::v1::REASON_UNAUTHENTICATED);
      } else {
        CHECK(status.code() == absl::StatusCode::kPermissionDenied);
        CHECK(core::ReasonOf(status) == errors::v1::REASON_FORBIDDEN);
      }
    }
  }
}

TEST_CASE("Access_BadTokens_NeverEnterTheHandler") {
  const auto topology = EachTopology();
  INFO(NameOf(topology));
  TestHub hub(topology);
  const auto stranger = crypto::SigningKey::Generate(core::SystemRandom());
  Identity staff = Of(IdentityKind::kStaff);
  staff.expires = hub.clock.Now() + absl::Minutes(5);
  const std::string forged = *NewTokenIssuer(stranger, KeyUse::kPeople, "hub", hub.clock)->Issue(staff);
  const std::string foreign = *NewTokenIssuer(hub.people_key, KeyUse::kPeople, "other-hub", hub.clock)->Issue(staff);
  const std::string expired = hub.StaffToken({}, absl::Seconds(-1));
  std::string changed = hub.StaffToken({});
  changed[30] = changed[30] == 'A' ? 'B' : 'A';
  for (const std::string& token :
       {forged, foreign, expired, changed, std::string("v4.public."), std::string("rubbish"), std::string(5000, 'x')}) {
    INFO(token.substr(0, 20));
    const auto status = hub.Call("Work", "x", token).status();
    CHECK(status.code() == absl::StatusCode::kUnauthenticated);
    CHECK(core::ReasonOf(status) == errors::v1::REASON_UNAUTHENTICATED);
  }
  CHECK(hub.api.entered == 0);
  // What is open to all stays so for somebody with a stale token: they are about to sign in.
  CHECK(hub.Call("Open", "who", expired)->text() == "");
}

TEST_CASE("Access_TokenExpiresWhileRemembered") {
  TestHub hub(Topology::kInProcess);
  const std::string token = hub.StaffToken({});
  CHECK(hub.Call("Work", "x", token).ok());
  hub.clock.Advance(absl::Minutes(4));
  CHECK(hub.Call("Work", "x", token).ok());
  hub.clock.Advance(absl::Minutes(2));
  CHECK(core::ReasonOf(hub.Call("Work", "x", token).status()) == errors::v1::REASON_UNAUTHENTICATED);
}

TEST_CASE("Access_Credentials_AreResolved_AndRemembered30Seconds") {
  TestHub hub(Topology::kUnix);
  CHECK(hub.Call("Integrate", "who", "key-1")->text() == "key-1-id");
  CHECK(hub.Call("Integrate", "who", "key-1").ok());
  CHECK(hub.credentials.asked == 1);
  CHECK(core::ReasonOf(hub.Call("Integrate", "x", "key-2").status()) == errors::v1::REASON_UNAUTHENTICATED);
  CHECK(core::ReasonOf(hub.Call("Integrate", "x", "key-2").status()) == errors::v1::REASON_UNAUTHENTICATED);
  CHECK(hub.credentials.asked == 2);
  hub.clock.Advance(absl::Seconds(31));
  CHECK(hub.Call("Integrate", "x", "key-1").ok());
  CHECK(hub.credentials.asked == 3);
}

TEST_CASE("Access_ResolverAway_IsToldAsSuch_AndNotRemembered") {
  TestHub hub(Topology::kUnix);
  hub.credentials.away = true;
  CHECK(core::ReasonOf(hub.Call("Integrate", "x", "key-1").status()) == errors::v1::REASON_DEPENDENCY_DOWN);
  hub.credentials.away = false;
  CHECK(hub.Call("Integrate", "x", "key-1").ok());
}

TEST_CASE("Access_Table_ShowsEveryMethod_AndWhatIsMissing") {
  CHECK(TestRequest::descriptor() != nullptr);  // links the file
  const auto table = AccessTable({"haven.rpctest.v1.TestService", "haven.rpctest.v1.CarelessService"});
  CHECK(table.find("| haven.rpctest.v1.TestService/Open | anybody |  |  |\n") != std::string::npos);
  CHECK(table.find("| haven.rpctest.v1.TestService/Integrate | integrator |  | test.write |\n") != std::string::npos);
  CHECK(table.find("| haven.rpctest.v1.TestService/Lead | staff | supervisor, administrator |  |\n") !=
        std::string::npos);
  CHECK(table.find("| haven.rpctest.v1.TestService/Feed (stream) | staff, internal | any |  |\n") != std::string::npos);
  CHECK(table.find("| haven.rpctest.v1.CarelessService/Forgotten | MISSING | | |\n") != std::string::npos);
}

}  // namespace
}  // namespace haven::rpc
