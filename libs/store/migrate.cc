#include "libs/store/migrate.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "haven/errors/v1/errors.pb.h"
#include "haven_store_embedded.h"
#include "libs/core/error.h"
#include "libs/store/hash.h"
#include "libs/store/pg.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

constexpr std::chrono::seconds kConnectTimeout{10};
// "HAVEN" in hexadecimal; the same in every release, so that old and new processes exclude each other.
constexpr std::string_view kMigrationLock = "0x484156454e";
constexpr std::string_view kOwner = "haven_owner";

using Applied = std::map<std::pair<std::string, int>, std::string>;  // (schema, version) to checksum

std::string Checksum(std::string_view sql) {
  return Hex(Sha256(sql));
}

std::string Named(const Migration& m) {
  return Cat("migration ", m.schema, " ", m.version, " (", m.name, ")");
}

absl::Status Precondition(const std::string& message) {
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE, message);
}

absl::Status Validate(const std::vector<Migration>& migrations) {
  std::map<std::string, int> last;
  for (const auto& m : migrations) {
    if (!IsPlainName(m.schema) || m.schema == "haven" || m.schema == "owner" || m.schema == "public") {
      return core::InvalidField("schema", Cat("'", m.schema, "' is no name for a service's schema"));
    }
    if (m.version <= last[m.schema]) return core::InvalidField("version", Cat(Named(m), " is out of order"));
    last[m.schema] = m.version;
  }
  return absl::OkStatus();
}

// What PostgreSQL says about a migration holds no data of people: it is told to whoever starts the hub.
absl::Status Run(PGconn* connection, const std::string& sql, const std::string& doing) {
  PgResult result(PQexec(connection, sql.c_str()));
  if (result && PQresultStatus(result.get()) != PGRES_FATAL_ERROR) return absl::OkStatus();
  std::string why = PQerrorMessage(connection);
  while (!why.empty() && why.back() == '\n') why.pop_back();
  return Precondition(Cat(doing, ": ", why));
}

std::string Role(std::string_view schema) {
  return Cat("haven_", schema);
}

// Roles belong to the whole cluster: another database's migration may be making the same ones now.
absl::Status EnsureRole(PGconn* connection, const std::string& role, std::string_view member) {
  std::string sql = Cat("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ", QuoteLiteral(role),
                        ") THEN CREATE ROLE ", role,
                        " NOLOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
                        "DO $$ BEGIN IF NOT pg_has_role(current_user, ",
                        QuoteLiteral(role), ", 'MEMBER') THEN EXECUTE format('GRANT ", role,
                        " TO %I', current_user); END IF; END $$;");
  if (!member.empty()) {
    sql += Cat("DO $$ BEGIN IF NOT pg_has_role(", QuoteLiteral(member), ", ", QuoteLiteral(role),
               ", 'MEMBER') THEN GRANT ", role, " TO ", QuoteIdentifier(member), "; END IF; END $$;");
  }
  absl::Status status;
  for (int i = 0; i < 10; ++i) {
    status = Run(connection, sql, Cat("role ", role));
    if (status.ok() || status.message().find("concurrently") == absl::string_view::npos) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return status;
}

absl::Status EnsureOwner(PGconn* connection) {
  auto status = EnsureRole(connection, std::string(kOwner), {});
  if (!status.ok()) return status;
  return Run(connection,
             Cat("DO $$ BEGIN IF NOT has_database_privilege('", kOwner,
                 "', current_database(), 'CREATE') THEN "
                 "EXECUTE format('GRANT CREATE ON DATABASE %I TO ",
                 kOwner, "', current_database()); END IF; END $$;"),
             "right to create schemas");
}

absl::Status EnsureSchema(PGconn* connection, const std::string& schema, std::string_view login) {
  const auto role = Role(schema);
  auto status = EnsureRole(connection, role, login);
  if (!status.ok()) return status;
  return Run(connection,
             Cat("SET ROLE ", kOwner, "; CREATE SCHEMA IF NOT EXISTS ", schema, "; GRANT USAGE ON SCHEMA ", schema,
                 " TO ", role, "; ALTER DEFAULT PRIVILEGES IN SCHEMA ", schema,
                 " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ", role, "; ALTER DEFAULT PRIVILEGES IN SCHEMA ",
                 schema, " GRANT USAGE, SELECT ON SEQUENCES TO ", role, "; RESET ROLE"),
             Cat("schema ", schema));
}

absl::StatusOr<Applied> ReadApplied(PGconn* connection) {
  auto result = Exec(connection, "SELECT schema, version, checksum FROM haven.migrations");
  if (!result.ok()) return result.status();
  Applied out;
  for (int i = 0; i < PQntuples(result->get()); ++i) {
    out[{PQgetvalue(result->get(), i, 0), std::stoi(PQgetvalue(result->get(), i, 1))}] =
        PQgetvalue(result->get(), i, 2);
  }
  return out;
}

// Nothing is run before everything is known to fit.
absl::StatusOr<std::vector<Migration>> Missing(const Applied& applied, const std::vector<Migration>& migrations) {
  std::vector<Migration> out;
  for (const auto& m : migrations) {
    const auto found = applied.find({m.schema, m.version});
    if (found == applied.end()) {
      const auto later = applied.upper_bound({m.schema, m.version});
      if (later != applied.end() && later->first.first == m.schema) {
        return Precondition(Cat(Named(m), " was never applied, but version ", later->first.second, " was"));
      }
      out.push_back(m);
    } else if (found->second != Checksum(m.sql)) {
      return Precondition(Cat(Named(m), " has changed since it was applied; write a new migration instead"));
    }
  }
  return out;
}

absl::Status Apply(PGconn* connection, const Migration& m) {
  const auto record =
      Cat("INSERT INTO haven.migrations(schema, version, name, checksum) VALUES (", QuoteLiteral(m.schema), ",",
          m.version, ",", QuoteLiteral(m.name), ",'", Checksum(m.sql), "')");
  const auto status = Run(connection,
                          Cat("BEGIN; SET LOCAL ROLE ", kOwner, "; SET LOCAL search_path = ", m.schema, ";\n", m.sql,
                              "\n;", record, "; COMMIT"),
                          Named(m));
  if (!status.ok()) (void)Exec(connection, "ROLLBACK");
  return status;
}

absl::Status Prepare(PGconn* connection, const std::vector<Migration>& migrations, std::string_view login) {
  auto status = Run(connection, "SET lock_timeout = '60s'; SET client_min_messages = warning;", "session");
  if (status.ok())
    status = Run(connection, Cat("SELECT pg_advisory_lock(x'", kMigrationLock.substr(2), "'::bigint)"), "lock");
  if (status.ok()) status = EnsureOwner(connection);
  if (status.ok()) {
    status = Run(connection, Cat("SET ROLE ", kOwner, ";\n", kHavenSql, "\n;RESET ROLE"), "schema haven");
  }
  std::set<std::string> schemas;
  for (const auto& m : migrations) schemas.insert(m.schema);
  for (const auto& schema : schemas) {
    if (status.ok()) status = EnsureSchema(connection, schema, login);
  }
  return status;
}

}  // namespace

std::vector<Migration> CommonTables(std::string_view schema) {
  std::string sql(kCommon1Sql);
  constexpr std::string_view kPlace = "{{role}}";
  for (auto at = sql.find(kPlace); at != std::string::npos; at = sql.find(kPlace)) {
    sql.replace(at, kPlace.size(), Role(schema));
  }
  return {Migration{std::string(schema), 1, "common tables", std::move(sql)}};
}

absl::Status Migrate(const std::string& dsn, std::vector<Migration> migrations, std::string_view login) {
  auto status = Validate(migrations);
  if (!status.ok()) return status;
  const auto connection = OpenPlain(dsn, kConnectTimeout);
  if (!connection.ok()) return connection.status();
  PGconn* pg = connection->get();
  status = Prepare(pg, migrations, login);
  if (!status.ok()) return status;
  const auto applied = ReadApplied(pg);
  if (!applied.ok()) return applied.status();
  const auto missing = Missing(*applied, migrations);
  if (!missing.ok()) return missing.status();
  for (const auto& m : *missing) {
    status = Apply(pg, m);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();  // the lock goes with the connection
}

absl::Status CheckServer(const std::string& dsn, int connections) {
  const auto connection = OpenPlain(dsn, kConnectTimeout);
  if (!connection.ok()) return connection.status();
  const auto result = Exec(connection->get(),
                           "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
                           " current_setting('max_connections')::int"
                           " - current_setting('superuser_reserved_connections')::int");
  if (!result.ok()) return result.status();
  const std::string_view fsync = PQgetvalue(result->get(), 0, 0), commit = PQgetvalue(result->get(), 0, 1);
  if (fsync != "on") return Precondition("PostgreSQL runs with fsync off: what is acknowledged could be lost");
  if (commit == "off")
    return Precondition("PostgreSQL runs with synchronous_commit off: what is acknowledged could be lost");
  const int room = std::stoi(PQgetvalue(result->get(), 0, 2));
  if (connections > room) {
    return Precondition(Cat("the hub may open ", connections, " connections to PostgreSQL, which has room for ", room,
                            ": raise max_connections or lower the services' connections"));
  }
  return absl::OkStatus();
}

}  // namespace haven::store
