#include "services/directory/store/identity_store.h"

#include <algorithm>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"

namespace haven::directory {
namespace {

using store::Params;
using store::Rows;
using store::Statement;

#define HAVEN_USER_COLUMNS "u.id, u.spec, u.absent, u.disabled, u.password_hash, u.create_time"
constexpr Statement kFindByUsername{"find_user_by_name",
                                    "SELECT " HAVEN_USER_COLUMNS " FROM users u WHERE username = $1"};
constexpr Statement kFindById{"find_user_by_id", "SELECT " HAVEN_USER_COLUMNS " FROM users u WHERE id = $1"};
constexpr Statement kReplacePassword{
    "replace_password",
    "WITH u AS (UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING 1) "
    "SELECT haven.require((SELECT count(*) FROM u) = 1, 'password')"};
constexpr Statement kSetPassword{"set_password", "UPDATE users SET password_hash = $2 WHERE id = $1"};

constexpr Statement kInsertSession{
    "insert_session",
    "WITH u AS (SELECT id FROM users WHERE id = $2 AND NOT disabled FOR SHARE), "
    "s AS (INSERT INTO session (id, user_id, secret_hash, create_time, expire_time, last_use_time) "
    "SELECT $1, u.id, $3, $4, $5, $4 FROM u RETURNING 1) "
    "SELECT haven.require((SELECT count(*) FROM s) = 1, 'user')"};
constexpr Statement kFindSession{"find_session", "SELECT " HAVEN_USER_COLUMNS
                                                 ", s.id, s.create_time, s.expire_time, s.last_use_time "
                                                 "FROM session s JOIN users u ON u.id = s.user_id "
                                                 "WHERE s.secret_hash = $1 AND s.end_time IS NULL AND NOT u.disabled"};
constexpr Statement kTouchSession{"touch_session",
                                  "UPDATE session SET last_use_time = $2 WHERE id = $1 AND last_use_time < $2"};
constexpr Statement kEndSession{"end_session", "UPDATE session SET end_time = $2 WHERE id = $1 AND end_time IS NULL"};
constexpr Statement kEndSessions{
    "end_sessions", "UPDATE session SET end_time = $3 WHERE user_id = $1 AND end_time IS NULL AND id::text <> $2"};
constexpr Statement kClientKey{
    "client_key", "UPDATE users SET client_key = coalesce(client_key, $2) WHERE id = $1 RETURNING client_key"};

#define HAVEN_KEY_COLUMNS \
  "prefix, secret_hash, description, scopes, create_time, expire_time, revoke_time, last_use_time"
constexpr Statement kInsertApiKey{
    "insert_api_key",
    "INSERT INTO api_key (prefix, secret_hash, description, scopes, create_time, expire_time) "
    "VALUES ($1, $2, $3, $4::text[], $5, $6)"};
constexpr Statement kFindApiKey{"find_api_key", "SELECT " HAVEN_KEY_COLUMNS " FROM api_key WHERE prefix = $1"};
constexpr Statement kTouchApiKey{
    "touch_api_key",
    "UPDATE api_key SET last_use_time = $2 WHERE prefix = $1 AND (last_use_time IS NULL OR last_use_time < $2)"};
constexpr Statement kRevokeApiKey{
    "revoke_api_key", "UPDATE api_key SET revoke_time = $2 WHERE prefix = $1 AND revoke_time IS NULL RETURNING prefix"};
constexpr Statement kListApiKeys{"list_api_keys", "SELECT " HAVEN_KEY_COLUMNS
                                                  " FROM api_key WHERE $1::timestamptz IS NULL OR create_time < $1 OR "
                                                  "(create_time = $1 AND prefix > $2) "
                                                  "ORDER BY create_time DESC, prefix LIMIT $3"};

// The rows are made first, so that there is something to lock: two first attempts at once must not both be the first.
constexpr Statement kMakeAttempts{
    "make_attempts",
    "INSERT INTO sign_in_attempt (subject, failures, last_time, forget_time) "
    "SELECT s, 0, 'epoch', 'epoch' FROM unnest($1::bytea[]) AS s ORDER BY s ON CONFLICT DO NOTHING"};
constexpr Statement kLockAttempts{"lock_attempts",
                                  "SELECT subject, failures, last_time, blocked_until FROM sign_in_attempt "
                                  "WHERE subject = ANY($1::bytea[]) ORDER BY subject FOR UPDATE"};
constexpr Statement kWriteAttempts{
    "write_attempts",
    "INSERT INTO sign_in_attempt (subject, failures, last_time, blocked_until, forget_time) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, "
    "last_time = excluded.last_time, blocked_until = excluded.blocked_until, "
    "forget_time = excluded.forget_time"};
constexpr Statement kClearAttempts{"clear_attempts", "DELETE FROM sign_in_attempt WHERE subject = $1"};
constexpr Statement kSweepAttempts{"sweep_attempts",
                                   "DELETE FROM sign_in_attempt WHERE subject IN (SELECT subject FROM sign_in_attempt "
                                   "WHERE forget_time < $1 LIMIT 2000 FOR UPDATE SKIP LOCKED)"};
constexpr Statement kSweepSessions{
    "sweep_sessions", "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expire_time < $1 LIMIT 2000)"};

absl::Status Unreadable() {
  return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "a stored user cannot be read");
}

absl::StatusOr<PasswordRecord> UserAt(const Rows& rows, int row) {
  PasswordRecord record;
  record.user.id = rows.Text(row, 0);
  if (!record.user.spec.ParseFromString(rows.Bytes(row, 1))) return Unreadable();
  record.user.absent = rows.Bool(row, 2);
  record.user.disabled = rows.Bool(row, 3);
  record.hash = rows.Text(row, 4);
  record.user.has_password = !record.hash.empty();
  record.user.create_time = rows.Time(row, 5);
  return record;
}

absl::StatusOr<std::optional<PasswordRecord>> FirstUser(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  auto record = UserAt(*rows, 0);
  if (!record.ok()) return record.status();
  return std::optional<PasswordRecord>(*std::move(record));
}

ApiKeyRecord ApiKeyAt(const Rows& rows, int row) {
  ApiKeyRecord key;
  key.prefix = rows.Text(row, 0);
  key.secret_hash = rows.Bytes(row, 1);
  key.description = rows.Text(row, 2);
  key.scopes = rows.TextArray(row, 3);
  key.create_time = rows.Time(row, 4);
  key.expire_time = rows.Time(row, 5);
  key.revoke_time = rows.OptTime(row, 6);
  key.last_use_time = rows.OptTime(row, 7);
  return key;
}

}  // namespace

std::string HashSecret(std::string_view secret) {
  return crypto::Sha256(secret);
}

async::Task<absl::StatusOr<std::optional<PasswordRecord>>> FindByUsername(core::Deadline deadline,
                                                                          store::Database& database,
                                                                          std::string username) {
  Params params;
  params.Text(username);
  co_return FirstUser(co_await database.Query(deadline, kFindByUsername, std::move(params)));
}

async::Task<absl::StatusOr<std::optional<PasswordRecord>>> FindById(core::Deadline deadline, store::Database& database,
                                                                    std::string user_id) {
  Params params;
  params.Uuid(user_id);
  co_return FirstUser(co_await database.Query(deadline, kFindById, std::move(params)));
}

void QueueReplacePassword(store::Transaction& tx, const std::string& user_id, const std::string& expected_hash,
                          const std::string& new_hash) {
  tx.Queue(kReplacePassword, Params().Uuid(user_id).Text(expected_hash).Text(new_hash));
}

void QueueSetPassword(store::Transaction& tx, const std::string& user_id, const std::string& hash) {
  tx.Queue(kSetPassword, Params().Uuid(user_id).Text(hash));
}

void QueueInsertSession(store::Transaction& tx, const SessionRecord& session) {
  tx.Queue(kInsertSession, Params()
                               .Uuid(session.id)
                               .Uuid(session.user_id)
                               .Bytes(session.secret_hash)
                               .Time(session.create_time)
                               .Time(session.expire_time));
}

async::Task<absl::StatusOr<std::optional<LiveSession>>> FindSession(core::Deadline deadline, store::Database& database,
                                                                    std::string secret_hash) {
  Params params;
  params.Bytes(secret_hash);
  auto rows = co_await database.Query(deadline, kFindSession, std::move(params));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return std::nullopt;
  auto record = UserAt(*rows, 0);
  if (!record.ok()) co_return record.status();
  LiveSession live;
  live.user = std::move(record->user);
  live.session.id = rows->Text(0, 6);
  live.session.user_id = live.user.id;
  live.session.secret_hash = std::move(secret_hash);
  live.session.create_time = rows->Time(0, 7);
  live.session.expire_time = rows->Time(0, 8);
  live.session.last_use_time = rows->Time(0, 9);
  co_return std::optional<LiveSession>(std::move(live));
}

async::Task<absl::Status> TouchSession(core::Deadline deadline, store::Database& database, std::string session_id,
                                       absl::Time now) {
  Params params;
  params.Uuid(session_id).Time(now);
  co_return (co_await database.Query(deadline, kTouchSession, std::move(params))).status();
}

void QueueEndSession(store::Transaction& tx, const std::string& session_id, absl::Time now) {
  tx.Queue(kEndSession, Params().Uuid(session_id).Time(now));
}

void QueueEndSessions(store::Transaction& tx, const std::string& user_id, const std::string& except, absl::Time now) {
  tx.Queue(kEndSessions, Params().Uuid(user_id).Text(except).Time(now));
}

async::Task<absl::StatusOr<std::optional<std::string>>> ClientKey(core::Deadline deadline, store::Database& database,
                                                                  std::string user_id, std::string fresh) {
  Params params;
  params.Uuid(user_id).Bytes(fresh);
  auto rows = co_await database.Query(deadline, kClientKey, std::move(params));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return std::nullopt;
  co_return std::optional<std::string>(rows->Bytes(0, 0));
}

void QueueInsertApiKey(store::Transaction& tx, const ApiKeyRecord& key) {
  tx.Queue(kInsertApiKey, Params()
                              .Text(key.prefix)
                              .Bytes(key.secret_hash)
                              .Text(key.description)
                              .TextArray(key.scopes)
                              .Time(key.create_time)
                              .Time(key.expire_time));
}

async::Task<absl::StatusOr<std::optional<ApiKeyRecord>>> FindApiKey(core::Deadline deadline, store::Database& database,
                                                                    std::string prefix) {
  Params params;
  params.Text(prefix);
  auto rows = co_await database.Query(deadline, kFindApiKey, std::move(params));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty()) co_return std::nullopt;
  co_return std::optional<ApiKeyRecord>(ApiKeyAt(*rows, 0));
}

async::Task<absl::Status> TouchApiKey(core::Deadline deadline, store::Database& database, std::string prefix,
                                      absl::Time now) {
  Params params;
  params.Text(prefix).Time(now);
  co_return (co_await database.Query(deadline, kTouchApiKey, std::move(params))).status();
}

store::Pending QueueRevokeApiKey(store::Transaction& tx, const std::string& prefix, absl::Time now) {
  return tx.Queue(kRevokeApiKey, Params().Text(prefix).Time(now));
}

async::Task<absl::StatusOr<std::vector<ApiKeyRecord>>> ListApiKeys(core::Deadline deadline, store::Database& database,
                                                                   std::optional<ApiKeyPosition> after, int count) {
  Params params;
  if (after) {
    params.Time(after->create_time).Text(after->prefix);
  } else {
    params.Null().Text("");
  }
  params.Int(count);
  auto rows = co_await database.Query(deadline, kListApiKeys, std::move(params));
  if (!rows.ok()) co_return rows.status();
  std::vector<ApiKeyRecord> keys;
  for (int i = 0; i < rows->size(); ++i) keys.push_back(ApiKeyAt(*rows, i));
  co_return keys;
}

async::Task<absl::StatusOr<std::vector<Attempts>>> LockAttempts(store::Transaction& tx,
                                                                std::vector<std::string> subjects) {
  tx.Queue(kMakeAttempts, Params().BytesArray(subjects));
  const store::Pending locked = tx.Queue(kLockAttempts, Params().BytesArray(subjects));
  if (auto status = co_await tx.Flush(); !status.ok()) co_return status;
  std::vector<Attempts> out(subjects.size());
  const Rows& rows = locked.rows();
  for (int i = 0; i < rows.size(); ++i) {
    const auto at = std::find(subjects.begin(), subjects.end(), rows.BytesView(i, 0));
    if (at == subjects.end()) continue;
    Attempts& attempts = out[static_cast<std::size_t>(at - subjects.begin())];
    attempts.failures = static_cast<int>(rows.Int(i, 1));
    attempts.last = rows.Time(i, 2);
    attempts.blocked_until = rows.OptTime(i, 3).value_or(absl::InfinitePast());
  }
  co_return out;
}

void QueueWriteAttempts(store::Transaction& tx, const std::string& subject, const Attempts& attempts,
                        absl::Time forget_time) {
  std::optional<absl::Time> blocked;
  if (attempts.blocked_until != absl::InfinitePast()) blocked = attempts.blocked_until;
  tx.Queue(kWriteAttempts,
           Params().Bytes(subject).Int(attempts.failures).Time(attempts.last).OptTime(blocked).Time(forget_time));
}

void QueueClearAttempts(store::Transaction& tx, const std::string& subject) {
  tx.Queue(kClearAttempts, Params().Bytes(subject));
}

async::Task<absl::StatusOr<std::int64_t>> SweepIdentities(core::Deadline deadline, store::Database& database,
                                                          absl::Time now, absl::Duration keep_sessions) {
  Params attempts;
  attempts.Time(now);
  auto forgotten = co_await database.Query(deadline, kSweepAttempts, std::move(attempts));
  if (!forgotten.ok()) co_return forgotten.status();
  Params sessions;
  sessions.Time(now - keep_sessions);
  auto ended = co_await database.Query(deadline, kSweepSessions, std::move(sessions));
  if (!ended.ok()) co_return ended.status();
  co_return forgotten->affected() + ended->affected();
}

}  // namespace haven::directory
