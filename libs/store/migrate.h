#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace haven::store {

// Versions below this belong to libs/store (CommonTables); a service numbers its own from here.
inline constexpr int kFirstServiceVersion = 100;

// One step forward of one schema. Runs in a transaction of its own with search_path = schema, as haven_owner. Never
// edited once released: expand in one release, contract in the next.
struct Migration {
  std::string schema;  // "routing"; its role is haven_routing
  int version = 0;
  std::string name;  // for people
  std::string sql;   // may hold several statements
};

// Tables every service has: outbox, outbox_sequence, outbox_refused, inbox, idempotency, audit, audit_chain.
std::vector<Migration> CommonTables(std::string_view schema);

// Applies what is missing, under an advisory lock, as role haven_owner: schemas, roles haven_<schema> (DML on their own
// schema alone), migrations in order of version, recorded in haven.migrations with a checksum. The login of `dsn` is a
// superuser, or a member of haven_owner with CREATEROLE. Blocking, on a connection of its own: call before the loop
// runs. FAILED_PRECONDITION if an applied migration differs now, or a version is missing between applied ones.
absl::Status Migrate(const std::string& dsn, std::vector<Migration> migrations, std::string_view login = {});

// Refuses a server that would break promises or run out: fsync off, synchronous_commit off, or fewer than `connections`
// connections left beside the reserved ones. Blocking, as Migrate.
absl::Status CheckServer(const std::string& dsn, int connections);

}  // namespace haven::store
