// haven admin: what an administrator does on the hub's own machine.
#include <termios.h>
#include <unistd.h>

#include <charconv>
#include <iostream>
#include <optional>

#include "haven/directory/v1/identity_service.pb.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/audit.h"
#include "services/directory/cli/commands.h"
#include "services/directory/cli/connection.h"
#include "services/directory/cli/secrets.h"
#include "services/directory/domain/strings.h"
#include "services/haven/modules.h"

namespace haven::directory {
namespace {

constexpr const char* kUsage =
    "usage: haven admin COMMAND [ARGUMENTS] [--config=FILE | --address=HOST:PORT --key-file=FILE]\n"
    "  set-password USER          asks for the password (twice), or reads the first line of standard input\n"
    "  create-api-key --description=TEXT --scopes=directory.read,conversations.read [--days=90]\n"
    "                             prints the key, once\n"
    "  verify-audit [--schema=NAME --head=POSITION:HASH]\n"
    "                             recomputes the chains of audit entries; --head is one that the log has\n";

int Usage(const std::string& message) {
  std::cerr << "haven admin: " << message << "\n" << kUsage;
  return 2;
}

int Explain(const absl::Status& status) {
  std::cerr << "haven admin: " << status.message();
  if (const auto reason = core::ReasonOf(status)) std::cerr << " (" << errors::v1::Reason_Name(*reason) << ")";
  std::cerr << "\n";
  for (const auto& violation : core::ViolationsOf(status))
    std::cerr << "  " << violation.field << ": " << violation.description << "\n";
  return 1;
}

// The terminal shows nothing while this lives.
class Hidden {
 public:
  Hidden() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Hidden() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << "\n";
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;

 private:
  termios before_{};
};

std::optional<std::string> ReadLine(const char* prompt) {
  std::string line;
  if (::isatty(STDIN_FILENO) == 0) {
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  std::cerr << prompt;
  const Hidden hidden;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

int SetPassword(std::vector<std::string> args) {
  std::vector<std::string> rest;
  auto connection = Connection::Open(std::move(args), &rest);
  if (!connection.ok()) return Fail("admin", connection.status());
  if (rest.size() != 1 || rest[0].starts_with('-')) return Usage("set-password takes one user name");
  const auto password = ReadLine("New password: ");
  if (!password) return Usage("no password was given");
  if (::isatty(STDIN_FILENO) != 0 && ReadLine("Once more: ") != password)
    return Explain(absl::InvalidArgumentError("the two differ; nothing was changed"));
  v1::SetPasswordRequest request;
  request.set_username(rest[0]);
  request.set_password(*password);
  const auto set =
      (*connection)->Call<v1::SetPasswordResponse>("haven.directory.v1.IdentityService/SetPassword", request);
  if (!set.ok()) return Explain(set.status());
  std::cout << "The password of " << rest[0] << " is set; all sessions of that user have ended.\n";
  return 0;
}

int CreateApiKey(std::vector<std::string> args) {
  v1::CreateApiKeyRequest request;
  request.set_description(TakeFlag(&args, "description"));
  const std::string scopes = TakeFlag(&args, "scopes");
  for (const std::string_view scope : Split(scopes, ',')) {
    if (!scope.empty()) request.add_scopes(std::string(scope));
  }
  const std::string days = TakeFlag(&args, "days");
  if (!days.empty()) {
    int number = 0;
    const auto [end, error] = std::from_chars(days.data(), days.data() + days.size(), number);
    if (error != std::errc() || end != days.data() + days.size() || number < 1)
      return Usage("--days is a whole number");
    request.mutable_lifetime()->set_seconds(std::int64_t{number} * 86400);
  }
  std::vector<std::string> rest;
  auto connection = Connection::Open(std::move(args), &rest);
  if (!connection.ok()) return Fail("admin", connection.status());
  if (!rest.empty()) return Usage(Cat("unknown argument ", rest.front()));
  const auto key =
      (*connection)->Call<v1::CreateApiKeyResponse>("haven.directory.v1.IdentityService/CreateApiKey", request);
  if (!key.ok()) return Explain(key.status());
  // The key alone on standard output, so that it can go into a file.
  std::cerr << "This is shown once. It ends on "
            << absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(key->key().expire_time().seconds()),
                                absl::UTCTimeZone())
            << ".\n";
  std::cout << key->secret() << "\n";
  return 0;
}

std::optional<store::AuditHead> ParseHead(std::string_view text) {
  store::AuditHead head;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, head.position);
  if (error != std::errc() || end != text.data() + colon) return std::nullopt;
  head.hash = std::string(text.substr(colon + 1));
  return head;
}

int VerifyAudit(std::vector<std::string> args) {
  const std::string schema = TakeFlag(&args, "schema");
  const std::string head_text = TakeFlag(&args, "head");
  std::optional<store::AuditHead> head;
  if (!head_text.empty() && (schema.empty() || !(head = ParseHead(head_text))))
    return Usage("--head is POSITION:HASH of one --schema");
  LoadedConfig loaded;
  if (auto status = LoadConfig(args, &loaded); !status.ok()) return Fail("admin", status);
  if (!loaded.rest.empty()) return Usage(Cat("unknown argument ", loaded.rest.front()));
  int broken = 0;
  for (const auto& module : AllModules()) {
    if (module->migrations().empty() || (!schema.empty() && schema != module->name())) continue;
    const auto report = store::VerifyAudit(loaded.settings.postgres_dsn, module->name(), head);
    if (!report.ok()) {
      std::cout << module->name() << ": " << report.status().message() << "\n";
      ++broken;
    } else {
      std::cout << module->name() << ": " << report->head.position << " entries hold, " << report->unlinked
                << " not yet chained, head " << report->head.position << ":" << report->head.hash << "\n";
    }
  }
  return broken == 0 ? 0 : 1;
}

}  // namespace

int RunAdmin(const std::vector<std::string>& args) {
  if (args.empty()) return Usage("which command?");
  std::vector<std::string> rest(args.begin() + 1, args.end());
  if (args[0] == "set-password") return SetPassword(std::move(rest));
  if (args[0] == "create-api-key") return CreateApiKey(std::move(rest));
  if (args[0] == "verify-audit") return VerifyAudit(std::move(rest));
  if (args[0] == "--help") {
    std::cout << kUsage;
    return 0;
  }
  return Usage(Cat("no command is called ", args[0]));
}

}  // namespace haven::directory
