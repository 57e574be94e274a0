#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/idempotency.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/domain/diff.h"
#include "services/directory/domain/field_path.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"

namespace haven::directory {
namespace {

constexpr int kMostPasswords = 500;
using Hashes = absl::flat_hash_map<std::string, std::string>;  // by user name

std::string SpecPath(const std::string& path) {
  return path.empty() ? "spec" : Cat("spec.", ToJsonPath(path));
}

// An error travels in headers, which are small (8 KiB for all of them), and holds each mistake three times (message,
// and message and field of the details in base64): what does not fit is counted. `haven apply` checks the same rules at
// home and tells all.
absl::Status Refuse(const std::vector<core::FieldViolation>& mistakes) {
  constexpr std::size_t kRoom = 1700;
  std::vector<core::FieldViolation> told;
  std::size_t used = 0;
  for (const auto& mistake : mistakes) {
    used += mistake.field.size() + mistake.description.size() + 16;
    if (used > kRoom) {
      told.push_back({"spec", Cat("has ", mistakes.size() - told.size(), " more mistakes")});
      break;
    }
    told.push_back(mistake);
  }
  return core::InvalidFields(std::move(told));
}

void CheckPasswords(const v1::ApplyHubRequest& request, const std::string& hub,
                    std::vector<core::FieldViolation>* mistakes) {
  if (request.passwords_size() > kMostPasswords)
    mistakes->push_back({"passwords", Cat("are too many; at most ", kMostPasswords)});
  std::set<std::string> names;
  for (const auto& user : request.spec().users()) names.insert(user.username());
  // Sorted: what is told must not depend on a hash.
  const std::map<std::string, std::string> passwords(request.passwords().begin(), request.passwords().end());
  for (const auto& [name, password] : passwords) {
    if (!names.contains(name)) {
      mistakes->push_back({"passwords", "names a user that the spec does not have"});
    } else if (const auto problem = ProblemWithPassword(password, name, hub)) {
      mistakes->push_back({Cat("passwords.", name), *problem});
    }
  }
}

// The request as a repeat is compared with it: without passwords, whose fast hash must not be kept anywhere, and in one
// order.
std::string Fingerprint(v1::ApplyHubRequest request) {
  for (auto& [name, password] : *request.mutable_passwords()) password.clear();
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  request.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

bool SameRights(const v1::UserSpec& a, const v1::UserSpec& b) {
  return std::equal(a.roles().begin(), a.roles().end(), b.roles().begin(), b.roles().end()) &&
         std::equal(a.teams().begin(), a.teams().end(), b.teams().begin(), b.teams().end());
}

// What has to be written so that `before` becomes `after`.
struct Plan {
  ConfigurationWrite write;
  std::vector<v1::Change> changes;
  std::vector<std::string> without_password;  // user names
  std::vector<std::string> other_rights;      // ids of users whose roles or teams differ
};

// Compares users; `hashes` holds the passwords to set, by name.
class Planner {
 public:
  Planner(Service& service, const Configuration& before, const v1::HubSpec& after, bool reset, const Hashes& hashes)
      : service_(service), before_(before), after_(after), reset_(reset), hashes_(hashes) {}

  Plan Make() {
    plan_.changes = Diff(before_.FullSpec(), after_);
    plan_.write.apply_time = service_.clock.Now();
    plan_.write.spec = after_;
    plan_.write.spec.clear_users();
    absl::flat_hash_map<std::string_view, const UserRecord*> known;
    for (const UserRecord& user : before_.users) known.emplace(user.spec.username(), &user);
    for (const v1::UserSpec& spec : after_.users()) {
      const auto found = known.find(spec.username());
      Keep(spec, found == known.end() ? nullptr : found->second);
      if (found != known.end()) known.erase(found);
    }
    for (const UserRecord& user : before_.users) {
      if (known.contains(user.spec.username()) && !user.absent) Remove(user);
    }
    plan_.write.hub_changed = !plan_.changes.empty();
    plan_.write.version = before_.version + (plan_.write.hub_changed ? 1 : 0);
    for (v1::Change& change : password_changes_) plan_.changes.push_back(std::move(change));
    return std::move(plan_);
  }

 private:
  void Keep(const v1::UserSpec& spec, const UserRecord* old) {
    UserRecord user;
    if (old != nullptr) user = *old;
    if (old == nullptr) user.id = core::NewUuid(service_.clock, service_.random);
    user.spec = spec;
    user.absent = false;
    user.disabled = spec.disabled();
    SetPassword(user, old);
    if (old == nullptr || old->absent || old->disabled != user.disabled ||
        old->spec.SerializeAsString() != spec.SerializeAsString()) {
      plan_.write.changed.push_back(user);
    }
    if (old == nullptr || old->disabled) return;
    if (user.disabled) {
      plan_.write.ended_users.push_back(user.id);
    } else if (!SameRights(old->spec, spec)) {
      plan_.other_rights.push_back(user.id);
    }
  }

  void SetPassword(const UserRecord& user, const UserRecord* old) {
    const bool has = old != nullptr && old->has_password;
    const auto hash = hashes_.find(user.spec.username());
    if (hash == hashes_.end() || (has && !reset_)) {
      if (!has && !user.disabled) plan_.without_password.push_back(user.spec.username());
      return;
    }
    plan_.write.passwords.push_back({user.id, hash->second});
    if (has) plan_.write.ended_users.push_back(user.id);
    v1::Change change;
    change.set_kind(has ? v1::Change::KIND_CHANGE : v1::Change::KIND_ADD);
    change.set_path(Cat("users.", user.spec.username(), ".password"));
    change.set_after("set");
    password_changes_.push_back(std::move(change));
  }

  void Remove(const UserRecord& old) {
    UserRecord user = old;
    user.absent = true;
    user.disabled = true;
    if (!old.disabled) plan_.write.ended_users.push_back(user.id);
    plan_.write.changed.push_back(std::move(user));
  }

  Service& service_;
  const Configuration& before_;
  const v1::HubSpec& after_;
  const bool reset_;
  const Hashes& hashes_;
  std::vector<v1::Change> password_changes_;
  Plan plan_;
};

v1::ApplyHubResponse Answer(Plan plan, const std::vector<core::FieldViolation>& warnings) {
  v1::ApplyHubResponse response;
  for (v1::Change& change : plan.changes) *response.add_changes() = std::move(change);
  response.set_version(plan.write.version);
  for (const auto& warning : warnings) {
    auto& added = *response.add_warnings();
    added.set_path(SpecPath(warning.field));
    added.set_description(warning.description);
  }
  for (std::string& name : plan.without_password) response.add_users_without_password(std::move(name));
  return response;
}

// Hashes what will be needed, before the transaction: its locks are not held while Argon2id works.
async::Task<absl::StatusOr<Hashes>> HashPasswords(Service* service, core::Deadline deadline,
                                                  const v1::ApplyHubRequest* request) {
  auto configuration = co_await service->configurations.Current(deadline);
  if (!configuration.ok()) co_return configuration.status();
  std::set<std::string_view> have;
  for (const UserRecord& user : (*configuration)->users) {
    if (user.has_password) have.insert(user.spec.username());
  }
  Hashes hashes;
  for (const auto& [name, password] : request->passwords()) {
    if (have.contains(name) && !request->reset_passwords()) continue;
    auto hash = co_await service->hasher.Hash(deadline, password);
    if (!hash.ok()) co_return hash.status();
    hashes.emplace(name, *std::move(hash));
  }
  co_return hashes;
}

void QueueConsequences(Service& service, store::Transaction& tx, const rpc::Call& call, const Plan& plan) {
  for (const std::string& id : plan.write.ended_users) AnnounceIdentity(service, tx, id, "", "revoked");
  for (const std::string& id : plan.other_rights) AnnounceIdentity(service, tx, id, "", "changed");
  for (const auto& password : plan.write.passwords)
    Audit(service, tx, call, "user.set_password", Cat("user:", password.user_id));
  for (const UserRecord& user : plan.write.changed) {
    Audit(service, tx, call,
          user.absent     ? "user.remove"
          : user.disabled ? "user.disable"
                          : "user.apply",
          Cat("user:", user.id));
  }
  Audit(service, tx, call, "hub.apply", "hub",
        Cat("{\"version\":", plan.write.version, ",\"changes\":", plan.changes.size(), "}"));
  if (!plan.write.hub_changed) return;
  events::v1::Event event;
  event.set_kind(events::v1::EVENT_KIND_CONFIGURATION_CHANGED);
  event.set_sequence(plan.write.version);
  Announce(service, tx, std::move(event));
}

async::Task<absl::StatusOr<v1::ApplyHubResponse>> Apply(Service* service, rpc::CallPtr call,
                                                        const v1::ApplyHubRequest* request, const v1::HubSpec* spec,
                                                        std::vector<core::FieldViolation> warnings) {
  auto hashes = co_await HashPasswords(service, call->deadline(), request);
  if (!hashes.ok()) co_return hashes.status();
  auto tx = co_await service->database.Begin(call->deadline());
  if (!tx.ok()) co_return tx.status();
  const auto seen = store::RequestRecord::Queue(*tx, ActorOf(*call), request->request_id(), Fingerprint(*request));
  const auto read = ConfigurationRead::Queue(*tx, true);
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  auto earlier = seen.response();
  if (!earlier.ok()) co_return earlier.status();
  v1::ApplyHubResponse response;
  if (*earlier) {
    if (!response.ParseFromString(**earlier))
      co_return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "");
    co_return response;
  }
  auto before = read.Read();
  if (!before.ok()) co_return before.status();
  Plan plan = Planner(*service, *before, *spec, request->reset_passwords(), *hashes).Make();
  QueueWrite(*tx, plan.write);
  QueueConsequences(*service, *tx, *call, plan);
  const bool changed = !plan.changes.empty();
  response = Answer(std::move(plan), warnings);
  seen.Store(*tx, response.SerializeAsString());
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  service->metrics.applies.With({changed ? "changed" : "unchanged"}).Add();
  co_return response;
}

async::Task<absl::StatusOr<v1::ApplyHubResponse>> Check(Service* service, rpc::CallPtr call, const v1::HubSpec* spec,
                                                        std::vector<core::FieldViolation> warnings) {
  auto before = co_await service->configurations.Current(call->deadline());
  if (!before.ok()) co_return before.status();
  service->metrics.applies.With({"checked"}).Add();
  const Hashes none;
  co_return Answer(Planner(*service, **before, *spec, false, none).Make(), warnings);
}

}  // namespace

async::Task<absl::StatusOr<v1::ApplyHubResponse>> DirectoryApi::ApplyHub(rpc::CallPtr call,
                                                                         v1::ApplyHubRequest request) {
  Findings findings = Validate(request.spec());
  std::vector<core::FieldViolation> mistakes;
  if (!request.dry_run() && !core::IsUuid(request.request_id())) mistakes.push_back({"requestId", "must be a UUID"});
  if (!request.has_spec()) mistakes.push_back({"spec", "is missing"});
  if (!request.spec().key().empty() && request.spec().key() != service_.hub) {
    mistakes.push_back({"spec.key", Cat("this hub is \"", service_.hub, "\", not the one that the spec is for")});
  }
  for (auto& mistake : findings.mistakes) mistakes.push_back({SpecPath(mistake.field), std::move(mistake.description)});
  CheckPasswords(request, service_.hub, &mistakes);
  if (!mistakes.empty()) {
    service_.metrics.applies.With({"refused"}).Add();
    co_return Refuse(mistakes);
  }
  v1::HubSpec spec = request.spec();
  spec.set_key(service_.hub);
  Normalize(spec);
  if (request.dry_run()) co_return co_await Check(&service_, call, &spec, std::move(findings.warnings));
  auto response = co_await Apply(&service_, call, &request, &spec, std::move(findings.warnings));
  if (!response.ok()) service_.metrics.applies.With({"failed"}).Add();
  co_return response;
}

}  // namespace haven::directory
