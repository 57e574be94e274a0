#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/store/migrate.h"

namespace haven::testing {

// A fresh, empty database on a real PostgreSQL, dropped at the end. If HAVEN_TEST_PG holds the connection string of a
// superuser over a Unix socket, the database is created there; otherwise on a private cluster in a temporary folder,
// one per process (fsync on, no TCP, never as root). Blocking; throws std::runtime_error if PostgreSQL cannot be had.
class PostgresFixture {
 public:
  PostgresFixture();
  ~PostgresFixture();
  PostgresFixture(const PostgresFixture&) = delete;
  PostgresFixture& operator=(const PostgresFixture&) = delete;

  // Superuser of the database; give DatabaseOptions a role to become a service.
  const std::string& dsn() const { return dsn_; }
  // CommonTables and `migrations` for each schema named in `schemas`.
  void Migrate(const std::vector<std::string>& schemas, std::vector<store::Migration> migrations = {});
  // Runs `sql` (may be several statements) as superuser; returns the first column of the first row of the last, or "".
  std::string Exec(const std::string& sql);
  // A transaction that has written is open in another database of the cluster, which tests share: what waits for all
  // older transactions, as the audit's linker does, waits for it too.
  bool OthersWrite();

 private:
  std::string admin_dsn_, dsn_, name_;
};

// A cluster of one's own, for tests that stop the server or kill it.
class PostgresCluster {
 public:
  PostgresCluster();   // initdb and start
  ~PostgresCluster();  // stop and remove
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  std::string dsn(const std::string& database = "postgres") const;
  void Start();          // waits until it accepts connections
  void StopImmediate();  // as a power cut, but orderly for its children; recovers at Start
  void Kill9();          // SIGKILL to the postmaster and every backend; returns when all are gone
  bool running() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace haven::testing
