#include "services/directory/cli/apply.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"
#include "services/directory/cli/hub_file.h"
#include "services/directory/cli/secrets.h"
#include "services/directory/domain/field_path.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace {

// So many hashes fit well into the time that one call has.
constexpr std::size_t kPasswordsPerCall = 100;

using Passwords = std::map<std::string, std::string>;

// What a terminal would act upon becomes a space.
std::string Printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto point = NextCodePoint(text, &at);
    if (point && !IsUnprintable(*point)) {
      out.append(text.substr(begin, at - begin));
    } else {
      out += ' ';
    }
  }
  return out;
}

class Applier {
 public:
  Applier(const ApplyOptions& options, const ApplyCall& call, std::ostream& out, std::ostream& err)
      : options_(options), call_(call), out_(out), err_(err), file_(HubFile::Parse(options.file_name, options.text)) {}

  int Run() {
    for (const Problem& problem : file_.problems()) err_ << Printable(file_.Format(problem)) << "\n";
    if (!file_.ok()) return Refused();
    v1::ApplyHubRequest check;
    *check.mutable_spec() = file_.spec();
    check.set_dry_run(true);
    auto answer = call_(check);
    if (!answer.ok()) return Explain(answer.status());
    for (const v1::Change& change : answer->changes()) Print(change);
    Passwords passwords;
    if (!CollectPasswords(*answer, &passwords)) return Refused();
    if (options_.dry_run) {
      out_ << "Dry run: " << Counted(answer->changes_size(), "change") << " would be made"
           << (passwords.empty() ? "" : Cat(" and ", Counted(static_cast<int>(passwords.size()), "password"), " set"))
           << ".\n";
      return 0;
    }
    if (answer->changes().empty() && passwords.empty()) {
      out_ << "The hub is as the file says (version " << answer->version() << ").\n";
      return 0;
    }
    return Apply(answer->changes_size(), std::move(passwords));
  }

 private:
  static std::string Counted(int count, std::string_view noun) { return Cat(count, " ", noun, count == 1 ? "" : "s"); }

  int Refused() {
    const auto mistakes =
        std::count_if(file_.problems().begin(), file_.problems().end(), [](const auto& p) { return !p.warning; });
    err_ << Counted(static_cast<int>(mistakes) + found_later_, "mistake") << "; nothing was changed.\n";
    return 1;
  }

  void Tell(const Problem& problem) {
    err_ << Printable(file_.Format(problem)) << "\n";
    if (!problem.warning) ++found_later_;
  }

  int Explain(const absl::Status& status) {
    constexpr std::string_view kSpec = "spec.";
    const auto violations = core::ViolationsOf(status);
    for (const auto& violation : violations) {
      std::string_view path = violation.field;
      if (Consume(&path, kSpec) || path == "spec") {
        Tell(file_.Locate(path == "spec" ? "" : FromJsonPath(path), violation.description));
      } else {
        Tell({{}, violation.field, violation.description});
      }
    }
    if (!violations.empty()) return Refused();
    const auto reason = core::ReasonOf(status);
    err_ << "haven apply: " << Printable(std::string(status.message()));
    if (reason) err_ << " (" << errors::v1::Reason_Name(*reason) << ")";
    err_ << "\n";
    if (absl::IsUnavailable(status)) err_ << "Is the hub running? `haven health` asks it.\n";
    return 1;
  }

  void Print(const v1::Change& change) {
    const bool add = change.kind() == v1::Change::KIND_ADD;
    const bool remove = change.kind() == v1::Change::KIND_REMOVE;
    const char* colour = add ? "\x1b[32m" : remove ? "\x1b[31m" : "\x1b[33m";
    if (options_.colour) out_ << colour;
    out_ << (add ? "+ " : remove ? "- " : "~ ") << Printable(change.path()) << ": ";
    if (!change.before().empty()) out_ << Printable(change.before());
    if (!change.before().empty() && !change.after().empty()) out_ << " -> ";
    out_ << Printable(change.after());
    const std::string_view path = change.path();
    if (remove && path.starts_with("users.") && IsUser(path.substr(6))) out_ << " (disabled, kept for history)";
    if (options_.colour) out_ << "\x1b[0m";
    out_ << "\n";
  }

  // User names may hold dots; fields follow the last one.
  static bool IsUser(std::string_view rest) {
    for (const char* field :
         {".name", ".public_name", ".roles", ".teams", ".skills", ".capacity", ".interface_language", ".disabled"}) {
      if (rest.ends_with(field)) return false;
    }
    return true;
  }

  // False if one that is needed cannot be had: told at its place.
  bool CollectPasswords(const v1::ApplyHubResponse& answer, Passwords* passwords) {
    const auto& without = answer.users_without_password();
    for (int i = 0; i < file_.spec().users_size(); ++i) {
      const v1::UserSpec& user = file_.spec().users(i);
      const std::string path = Cat("users[", i, "].password_ref");
      const bool needs = std::count(without.begin(), without.end(), user.username()) > 0;
      const auto reference = ParseSecretReference(user.password_ref());
      if (!reference) {
        if (needs) {
          Tell(file_.Locate(
              path, Cat("nobody has given this user a password; `haven admin set-password ", user.username(), "` does"),
              true));
        }
        continue;
      }
      if (!needs && !options_.reset_passwords) continue;
      auto password = ReadSecret(*reference, options_.secrets_folder);
      if (!password.ok()) {
        Tell(file_.Locate(path, std::string(password.status().message())));
      } else if (const auto problem = ProblemWithPassword(*password, user.username(), file_.spec().key())) {
        Tell(file_.Locate(path, Cat("the password that ", user.password_ref(), " refers to ", *problem)));
      } else {
        passwords->emplace(user.username(), *std::move(password));
      }
    }
    return found_later_ == 0;
  }

  // Passwords go in several calls, each with an id of its own and the whole spec: what is applied already is no change.
  int Apply(int changes, Passwords passwords) {
    std::int64_t version = 0;
    std::size_t set = 0;
    auto next = passwords.begin();
    do {
      v1::ApplyHubRequest request;
      *request.mutable_spec() = file_.spec();
      request.set_reset_passwords(options_.reset_passwords);
      request.set_request_id(core::NewUuid(core::SystemClock(), core::SystemRandom()));
      for (std::size_t i = 0; i < kPasswordsPerCall && next != passwords.end(); ++i, ++next, ++set) {
        (*request.mutable_passwords())[next->first] = next->second;
      }
      auto applied = call_(request);
      if (!applied.ok()) {
        if (version > 0) err_ << "Applied as version " << version << ", but not all passwords are set; apply again.\n";
        return Explain(applied.status());
      }
      version = applied->version();
    } while (next != passwords.end());
    out_ << "Applied: " << Counted(changes, "change")
         << (set == 0 ? "" : Cat(", ", Counted(static_cast<int>(set), "password"), " set"))
         << ". The configuration is version " << version << ".\n";
    return 0;
  }

  const ApplyOptions& options_;
  const ApplyCall& call_;
  std::ostream& out_;
  std::ostream& err_;
  const HubFile file_;
  int found_later_ = 0;
};

}  // namespace

int ApplyHubFile(const ApplyOptions& options, const ApplyCall& call, std::ostream& out, std::ostream& err) {
  return Applier(options, call, out, err).Run();
}

}  // namespace haven::directory
