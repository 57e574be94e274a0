#include "services/directory/cli/apply.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "services/directory/domain/diff.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"

namespace haven::directory {
namespace {

constexpr const char* kHub = R"(name: Field office
time_zone: Asia/Beirut
languages: [en]
default_queue: general
privacy: {en: Our advisers read this.}
quick_exit_url: https://www.wikipedia.org/
channels: {site: {kind: webchat, name: Site}}
queues:
  general: {name: General}
teams:
  first: {name: First, queues: [general]}
users:
  amal: {name: Amal, roles: [agent, administrator], teams: [first], capacity: {webchat: 2}, password: file:amal}
  huda: {name: Huda, roles: [agent], teams: [first], capacity: {webchat: 2}, password: env:HAVEN_TEST_HUDA}
)";

// Answers as a hub does that has `before`; what it was asked is kept.
class Stand {
 public:
  Stand() {
    char name[] = "/tmp/haven-secrets-XXXXXX";
    folder = ::mkdtemp(name);
    Put("amal", "tulip-garden-47-moss\n");
    ::setenv("HAVEN_TEST_HUDA", "winter-harbour-82-oak", 1);
  }
  ~Stand() { std::filesystem::remove_all(folder); }

  void Put(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    const std::string path = folder + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
  }

  int Run(const std::string& text, std::function<void(ApplyOptions&)> adjust = nullptr) {
    ApplyOptions options;
    options.file_name = "hub.yaml";
    options.text = text;
    options.secrets_folder = folder;
    if (adjust) adjust(options);
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    const int status = ApplyHubFile(
        options, [this](const v1::ApplyHubRequest& request) { return Answer(request); }, out_stream, err_stream);
    out = out_stream.str();
    err = err_stream.str();
    return status;
  }

  absl::StatusOr<v1::ApplyHubResponse> Answer(const v1::ApplyHubRequest& request) {
    asked.push_back(request);
    if (!failure.ok()) return failure;
    v1::HubSpec spec = request.spec();
    Normalize(spec);
    v1::ApplyHubResponse response;
    for (auto& change : Diff(before, spec)) *response.add_changes() = std::move(change);
    for (const auto& user : spec.users()) {
      if (!with_password.contains(user.username())) response.add_users_without_password(user.username());
    }
    if (!request.dry_run()) {
      before = spec;
      for (const auto& [name, password] : request.passwords()) with_password.emplace(name, password);
    }
    response.set_version(7);
    return response;
  }

  std::string folder;
  v1::HubSpec before;
  std::map<std::string, std::string> with_password;
  absl::Status failure;
  std::vector<v1::ApplyHubRequest> asked;
  std::string out, err;
};

TEST_CASE("Apply_ShowsTheDifferenceAndAppliesIt") {
  Stand stand;
  CHECK(stand.Run(kHub) == 0);
  CHECK(stand.err == "");
  CHECK(
      stand.out ==
      "+ name: Field office\n+ time_zone: Asia/Beirut\n+ languages: en\n+ quick_exit_url: https://www.wikipedia.org/\n"
      "+ default_queue: general\n+ privacy.en: Our advisers read this.\n"
      "+ queues.general: General\n+ teams.first: First\n+ users.amal: Amal\n+ users.huda: Huda\n+ channels.site: Site\n"
      "Applied: 11 changes, 2 passwords set. The configuration is version 7.\n");
  REQUIRE(stand.asked.size() == 2);
  CHECK(stand.asked[0].dry_run());
  CHECK(stand.asked[0].passwords().empty());
  CHECK_FALSE(stand.asked[1].dry_run());
  CHECK(core::IsUuid(stand.asked[1].request_id()));
  CHECK(stand.asked[1].passwords().at("amal") == "tulip-garden-47-moss");
  CHECK(stand.asked[1].passwords().at("huda") == "winter-harbour-82-oak");
}

TEST_CASE("Apply_Again_ChangesNothing") {
  Stand stand;
  REQUIRE(stand.Run(kHub) == 0);
  stand.asked.clear();
  CHECK(stand.Run(kHub) == 0);
  CHECK(stand.out == "The hub is as the file says (version 7).\n");
  CHECK(stand.asked.size() == 1);
}

TEST_CASE("Apply_DryRun_OnlyShows") {
  Stand stand;
  CHECK(stand.Run(kHub, [](ApplyOptions& o) { o.dry_run = true; }) == 0);
  CHECK(stand.out.ends_with("Dry run: 11 changes would be made and 2 passwords set.\n"));
  REQUIRE(stand.asked.size() == 1);
  CHECK(stand.asked[0].dry_run());
}

TEST_CASE("Apply_Colour_OnlyWhenAskedFor") {
  Stand stand;
  CHECK(stand.Run(kHub, [](ApplyOptions& o) { o.colour = true; }) == 0);
  CHECK(stand.out.find("\x1b[32m+ users.amal: Amal\x1b[0m\n") != std::string::npos);
}

TEST_CASE("Apply_RemovedUser_IsSaidToBeKept") {
  Stand stand;
  REQUIRE(stand.Run(kHub) == 0);
  const std::string text = kHub;
  CHECK(stand.Run(text.substr(0, text.find("  huda:"))) == 0);
  CHECK(stand.out ==
        "- users.huda: Huda (disabled, kept for history)\nApplied: 1 change. The configuration is version 7.\n");
}

TEST_CASE("Apply_Mistakes_AreToldAndNobodyIsAsked") {
  Stand stand;
  std::string text = kHub;
  text.replace(text.find("[general]"), 9, "[genral]");
  CHECK(stand.Run(text) == 1);
  CHECK(stand.err ==
        "hub.yaml:11:33: teams.first.queues[0]: unknown queue \"genral\"; did you mean \"general\"?\n"
        "1 mistake; nothing was changed.\n");
  CHECK(stand.asked.empty());
}

TEST_CASE("Apply_HubsMistakes_AreToldAtTheirPlace") {
  Stand stand;
  stand.failure = core::InvalidFields({{"spec.queues[0].displayName", "is not to my liking"},
                                       {"spec.users[1].passwordRef", "neither"},
                                       {"spec", "has 3 more mistakes"},
                                       {"requestId", "must be a UUID"}});
  CHECK(stand.Run(kHub) == 1);
  CHECK(stand.err ==
        "hub.yaml:9:19: queues.general.name: is not to my liking\n"
        "hub.yaml:14:88: users.huda.password: neither\n"
        "hub.yaml:1:1: has 3 more mistakes\n"
        "hub.yaml:1:1: requestId: must be a UUID\n"
        "4 mistakes; nothing was changed.\n");
}

TEST_CASE("Apply_HubAway_SaysWhatToDo") {
  Stand stand;
  stand.failure = core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "no connection");
  CHECK(stand.Run(kHub) == 1);
  CHECK(stand.err ==
        "haven apply: no connection (REASON_DEPENDENCY_DOWN)\nIs the hub running? `haven health` asks it.\n");
}

TEST_CASE("Apply_PasswordsThatCannotBeHad_AreToldAtTheirPlace") {
  Stand stand;
  ::unsetenv("HAVEN_TEST_HUDA");
  std::filesystem::remove(stand.folder + "/amal");
  CHECK(stand.Run(kHub) == 1);
  CHECK(stand.err == Cat("hub.yaml:13:103: users.amal.password: there is no file ", stand.folder,
                         "/amal; write the password into it (mode 0600)\n",
                         "hub.yaml:14:88: users.huda.password: the environment has no variable HAVEN_TEST_HUDA\n"
                         "2 mistakes; nothing was changed.\n"));
  CHECK(stand.asked.size() == 1);
}

TEST_CASE("Apply_WeakOrOpenPasswordFile_RefusedWithoutRepeatingIt") {
  Stand stand;
  stand.Put("amal", "hunter2\n");
  CHECK(stand.Run(kHub) == 1);
  CHECK(stand.err.find("the password that file:amal refers to is too short") != std::string::npos);
  CHECK(stand.err.find("hunter2") == std::string::npos);
  stand.Put("amal", "tulip-garden-47-moss\n", 0644);
  CHECK(stand.Run(kHub) == 1);
  CHECK(stand.err.find("users.amal.password") != std::string::npos);
  CHECK(stand.err.find("tulip") == std::string::npos);
}

TEST_CASE("Apply_PasswordFile_OfAKnownUserIsNotRead") {
  Stand stand;
  REQUIRE(stand.Run(kHub) == 0);
  std::filesystem::remove(stand.folder + "/amal");
  CHECK(stand.Run(kHub) == 0);
  CHECK(stand.Run(kHub, [](ApplyOptions& o) { o.reset_passwords = true; }) == 1);
  stand.Put("amal", "another-garden-55-fern");
  CHECK(stand.Run(kHub, [](ApplyOptions& o) { o.reset_passwords = true; }) == 0);
  CHECK(stand.asked.back().reset_passwords());
  CHECK(stand.asked.back().passwords().at("amal") == "another-garden-55-fern");
}

TEST_CASE("Apply_UserWithoutPassword_IsAWarning") {
  Stand stand;
  std::string text = kHub;
  text.replace(text.find(", password: file:amal"), 21, "");
  CHECK(stand.Run(text) == 0);
  CHECK(stand.err ==
        "hub.yaml:13:3: warning: users.amal.password: nobody has given this user a password; `haven admin set-password "
        "amal` "
        "does\n");
}

TEST_CASE("Apply_ManyPasswords_GoInSeveralCalls") {
  Stand stand;
  std::string text = kHub;
  for (int i = 0; i < 250; ++i) {
    CatTo(&text, "  agent", i,
          ": {name: A, roles: [agent], teams: [first], capacity: {webchat: 1}, password: file:amal}\n");
  }
  CHECK(stand.Run(text) == 0);
  REQUIRE(stand.asked.size() == 4);
  CHECK(stand.asked[1].passwords().size() == 100);
  CHECK(stand.asked[3].passwords().size() == 52);
  CHECK(stand.asked[1].request_id() != stand.asked[2].request_id());
  CHECK(stand.out.ends_with("252 passwords set. The configuration is version 7.\n"));
}

TEST_CASE("Apply_HostileText_DoesNotReachTheTerminal") {
  Stand stand;
  stand.Run("\"na\\e[31mme\": 1\nhours: {\"a\\nb\": {}}\n");
  CHECK(stand.err.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace haven::directory
