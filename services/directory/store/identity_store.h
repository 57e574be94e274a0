#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/database.h"
#include "services/directory/domain/throttle.h"
#include "services/directory/store/configuration.h"

// Passwords, sessions, keys and attempts. Secrets are here as hashes only.
namespace haven::directory {

// SHA-256 of a random secret of 256 bits: nothing slower is needed, there is nothing to guess.
std::string HashSecret(std::string_view secret);

struct PasswordRecord {
  UserRecord user;
  std::string hash;  // empty: no sign-in
};
async::Task<absl::StatusOr<std::optional<PasswordRecord>>> FindByUsername(core::Deadline deadline,
                                                                          store::Database& database,
                                                                          std::string username);
async::Task<absl::StatusOr<std::optional<PasswordRecord>>> FindById(core::Deadline deadline, store::Database& database,
                                                                    std::string user_id);
// Only if the password is still the one that `expected_hash` is of; ABORTED otherwise.
void QueueReplacePassword(store::Transaction& tx, const std::string& user_id, const std::string& expected_hash,
                          const std::string& new_hash);
void QueueSetPassword(store::Transaction& tx, const std::string& user_id, const std::string& hash);

struct SessionRecord {
  std::string id;
  std::string user_id;
  std::string secret_hash;
  absl::Time create_time;
  absl::Time expire_time;
  absl::Time last_use_time;
};
// Refuses (ABORTED) if the user was disabled meanwhile.
void QueueInsertSession(store::Transaction& tx, const SessionRecord& session);
struct LiveSession {
  SessionRecord session;
  UserRecord user;
};
// Neither ended nor disabled; expiry is the caller's to judge.
async::Task<absl::StatusOr<std::optional<LiveSession>>> FindSession(core::Deadline deadline, store::Database& database,
                                                                    std::string secret_hash);
async::Task<absl::Status> TouchSession(core::Deadline deadline, store::Database& database, std::string session_id,
                                       absl::Time now);
void QueueEndSession(store::Transaction& tx, const std::string& session_id, absl::Time now);
// All of the user's but `except` (which may be empty).
void QueueEndSessions(store::Transaction& tx, const std::string& user_id, const std::string& except, absl::Time now);

// The user's key, `fresh` if there was none; nullopt: no such user.
async::Task<absl::StatusOr<std::optional<std::string>>> ClientKey(core::Deadline deadline, store::Database& database,
                                                                  std::string user_id, std::string fresh);

struct ApiKeyRecord {
  std::string prefix;
  std::string secret_hash;
  std::string description;
  std::vector<std::string> scopes;
  absl::Time create_time;
  absl::Time expire_time;
  std::optional<absl::Time> revoke_time;
  std::optional<absl::Time> last_use_time;
};
void QueueInsertApiKey(store::Transaction& tx, const ApiKeyRecord& key);
async::Task<absl::StatusOr<std::optional<ApiKeyRecord>>> FindApiKey(core::Deadline deadline, store::Database& database,
                                                                    std::string prefix);
async::Task<absl::Status> TouchApiKey(core::Deadline deadline, store::Database& database, std::string prefix,
                                      absl::Time now);
// How many rows: 0 if there is no such key or it is revoked already.
store::Pending QueueRevokeApiKey(store::Transaction& tx, const std::string& prefix, absl::Time now);
struct ApiKeyPosition {
  absl::Time create_time;
  std::string prefix;
};
// Newest first, those after `after`.
async::Task<absl::StatusOr<std::vector<ApiKeyRecord>>> ListApiKeys(core::Deadline deadline, store::Database& database,
                                                                   std::optional<ApiKeyPosition> after, int count);

// What is kept of attempts; `subjects` are keyed hashes. Locks their rows, in one order, until the transaction ends.
async::Task<absl::StatusOr<std::vector<Attempts>>> LockAttempts(store::Transaction& tx,
                                                                std::vector<std::string> subjects);
void QueueWriteAttempts(store::Transaction& tx, const std::string& subject, const Attempts& attempts,
                        absl::Time forget_time);
void QueueClearAttempts(store::Transaction& tx, const std::string& subject);

// Deletes what says nothing more, at most a few thousand rows; how many.
async::Task<absl::StatusOr<std::int64_t>> SweepIdentities(core::Deadline deadline, store::Database& database,
                                                          absl::Time now, absl::Duration keep_sessions);

}  // namespace haven::directory
