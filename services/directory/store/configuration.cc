#include "services/directory/store/configuration.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::directory {
namespace {

using store::Params;
using store::Statement;

constexpr Statement kReadVersion{"read_hub_version", "SELECT version FROM hub"};
constexpr Statement kReadHub{"read_hub", "SELECT version, spec, apply_time FROM hub"};
constexpr Statement kLockHub{"lock_hub", "SELECT version, spec, apply_time FROM hub FOR UPDATE"};
constexpr Statement kReadUsers{"read_users",
                               "SELECT id, spec, absent, disabled, password_hash IS NOT NULL, create_time FROM users "
                               "ORDER BY username COLLATE \"C\""};
constexpr Statement kWriteHub{"write_hub", "UPDATE hub SET version = $1, spec = $2, apply_time = $3"};
constexpr Statement kWriteUsers{"write_users",
                                "INSERT INTO users (id, username, spec, absent, disabled, create_time) "
                                "SELECT u.id, u.username, u.spec, u.absent = 1, u.disabled = 1, $6 "
                                "FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[]) AS u(id, "
                                "username, spec, absent, disabled) "
                                "ON CONFLICT (username) DO UPDATE SET spec = excluded.spec, absent = excluded.absent, "
                                "disabled = excluded.disabled"};
constexpr Statement kWritePasswords{"write_passwords",
                                    "UPDATE users SET password_hash = p.hash "
                                    "FROM unnest($1::uuid[], $2::text[]) AS p(id, hash) WHERE users.id = p.id"};
constexpr Statement kEndSessionsOf{
    "end_sessions_of_users", "UPDATE session SET end_time = $2 WHERE user_id = ANY($1::uuid[]) AND end_time IS NULL"};

absl::Status Unreadable() {
  return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "a stored configuration cannot be read");
}

}  // namespace

v1::User UserOf(const UserRecord& record) {
  v1::User user;
  user.set_id(record.id);
  user.set_username(record.spec.username());
  user.set_display_name(record.spec.display_name());
  user.set_public_name(record.spec.public_name());
  *user.mutable_roles() = record.spec.roles();
  *user.mutable_teams() = record.spec.teams();
  *user.mutable_skills() = record.spec.skills();
  *user.mutable_capacity() = record.spec.capacity();
  user.set_interface_language(record.spec.interface_language());
  user.set_disabled(record.disabled);
  *user.mutable_create_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(record.create_time));
  return user;
}

v1::HubSpec Configuration::FullSpec() const {
  v1::HubSpec full = spec;
  for (const UserRecord& user : users) {
    if (!user.absent) *full.add_users() = user.spec;
  }
  return full;
}

ConfigurationRead ConfigurationRead::Queue(store::Transaction& tx, bool lock) {
  ConfigurationRead read;
  read.hub_ = tx.Queue(lock ? kLockHub : kReadHub);
  read.users_ = tx.Queue(kReadUsers);
  return read;
}

absl::StatusOr<Configuration> ConfigurationRead::Read() const {
  Configuration configuration;
  const store::Rows& hub = hub_.rows();
  if (hub.size() != 1) return Unreadable();
  configuration.version = hub.Int(0, 0);
  if (!configuration.spec.ParseFromString(hub.Bytes(0, 1))) return Unreadable();
  configuration.apply_time = hub.Time(0, 2);
  const store::Rows& users = users_.rows();
  configuration.users.resize(static_cast<std::size_t>(users.size()));
  for (int i = 0; i < users.size(); ++i) {
    UserRecord& user = configuration.users[static_cast<std::size_t>(i)];
    user.id = users.Text(i, 0);
    if (!user.spec.ParseFromString(users.Bytes(i, 1))) return Unreadable();
    user.absent = users.Bool(i, 2);
    user.disabled = users.Bool(i, 3);
    user.has_password = users.Bool(i, 4);
    user.create_time = users.Time(i, 5);
  }
  return configuration;
}

void QueueWrite(store::Transaction& tx, const ConfigurationWrite& write) {
  if (write.hub_changed)
    tx.Queue(kWriteHub, Params().Int(write.version).Bytes(write.spec.SerializeAsString()).Time(write.apply_time));
  std::vector<std::string> ids, names, specs;
  std::vector<std::int64_t> absent, disabled;
  for (const UserRecord& user : write.changed) {
    ids.push_back(user.id);
    names.push_back(user.spec.username());
    specs.push_back(user.spec.SerializeAsString());
    absent.push_back(user.absent ? 1 : 0);
    disabled.push_back(user.disabled ? 1 : 0);
  }
  if (!ids.empty()) {
    tx.Queue(kWriteUsers,
             Params().UuidArray(ids).TextArray(names).BytesArray(specs).IntArray(absent).IntArray(disabled).Time(
                 write.apply_time));
  }
  if (!write.passwords.empty()) {
    std::vector<std::string> of, hashes;
    for (const auto& password : write.passwords) {
      of.push_back(password.user_id);
      hashes.push_back(password.hash);
    }
    tx.Queue(kWritePasswords, Params().UuidArray(of).TextArray(hashes));
  }
  if (!write.ended_users.empty()) {
    tx.Queue(kEndSessionsOf, Params().UuidArray(write.ended_users).Time(write.apply_time));
  }
}

async::Task<absl::StatusOr<ConfigurationPtr>> ConfigurationCache::Current(core::Deadline deadline) {
  auto version = co_await database_.Query(deadline, kReadVersion);
  if (!version.ok()) co_return version.status();
  if (kept_ && version->size() == 1 && version->Int(0, 0) == kept_->version) co_return kept_;
  // One snapshot: spec and users belong together.
  auto tx = co_await database_.Begin(deadline, store::Isolation::kRepeatableRead);
  if (!tx.ok()) co_return tx.status();
  const ConfigurationRead read = ConfigurationRead::Queue(*tx, false);
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  auto configuration = read.Read();
  if (!configuration.ok()) co_return configuration.status();
  auto loaded = std::make_shared<const Configuration>(*std::move(configuration));
  // Another call may have loaded a newer one meanwhile.
  if (!kept_ || kept_->version < loaded->version) kept_ = loaded;
  co_return loaded;
}

}  // namespace haven::directory
