#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "haven/directory/v1/hub.pb.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/database.h"

namespace haven::directory {

// A user as kept.
struct UserRecord {
  std::string id;
  v1::UserSpec spec;
  bool absent = false;
  bool disabled = false;
  bool has_password = false;
  absl::Time create_time;
};

// As shown to others.
v1::User UserOf(const UserRecord& record);

// The whole configuration at one version.
struct Configuration {
  std::int64_t version = 0;
  v1::HubSpec spec;  // without users
  absl::Time apply_time;
  std::vector<UserRecord> users;  // everybody, by username

  // The spec as it was applied, users included: what a new one is compared with.
  v1::HubSpec FullSpec() const;
};
using ConfigurationPtr = std::shared_ptr<const Configuration>;

// What ApplyHub writes.
struct ConfigurationWrite {
  bool hub_changed = false;  // otherwise only users' passwords are written
  std::int64_t version = 0;
  v1::HubSpec spec;  // without users
  absl::Time apply_time;
  std::vector<UserRecord> changed;  // new ones and those that differ
  struct Password {
    std::string user_id;
    std::string hash;
  };
  std::vector<Password> passwords;
  std::vector<std::string> ended_users;  // whose sessions end
};

// Queues the reads of a configuration in `tx`; Read after its Flush. `lock` holds back other writers until the end of
// the transaction.
class ConfigurationRead {
 public:
  static ConfigurationRead Queue(store::Transaction& tx, bool lock);
  absl::StatusOr<Configuration> Read() const;

 private:
  store::Pending hub_, users_;
};

void QueueWrite(store::Transaction& tx, const ConfigurationWrite& write);

// The configuration in force, kept in memory: asking costs one row when it has not changed. Loop thread only.
class ConfigurationCache {
 public:
  explicit ConfigurationCache(store::Database& database) : database_(database) {}

  async::Task<absl::StatusOr<ConfigurationPtr>> Current(core::Deadline deadline);

 private:
  store::Database& database_;
  ConfigurationPtr kept_;
};

}  // namespace haven::directory
