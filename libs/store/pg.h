#pragma once

// Private to libs/store: what touches libpq directly and blocks or maps errors.

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/database.h"

namespace haven::store {

struct PgFinish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct PgClear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgConnection = std::unique_ptr<PGconn, PgFinish>;
using PgResult = std::unique_ptr<PGresult, PgClear>;

enum class Outcome { kNone, kUnknown };

absl::Status UnavailableError(std::string_view why, Outcome outcome);
absl::Status DeadlineError(Outcome outcome);
// The status of an error result; `statement` is its name.
absl::Status ErrorOf(const PGresult* result, std::string_view statement);
std::string_view SqlStateOf(const PGresult* result);
// The server says that this connection is of no more use (shutting down, became a standby, plans out of date).
bool SpoilsConnection(std::string_view sqlstate);
// The statement had no effect although nothing is wrong with it: a stray cancel, or its preparation was cut off.
bool Repeatable(std::string_view sqlstate);
// A prepared statement's table has changed; nothing was done.
bool PlanIsStale(const PGresult* result);

// A pooled session: connects, takes the role, sets the schema and time-outs, refuses a standby, enters pipeline mode.
// Blocks until done, connect_timeout, or `stop`.
absl::StatusOr<PgConnection> OpenSession(const DatabaseOptions& options, const std::atomic<bool>& stop);

// A plain blocking connection for start-up work, and one text-format query on it.
absl::StatusOr<PgConnection> OpenPlain(const std::string& dsn, std::chrono::milliseconds timeout);
absl::StatusOr<PgResult> Exec(PGconn* connection, const std::string& sql);
absl::StatusOr<PgResult> Exec(PGconn* connection, const std::string& sql, const std::vector<std::string>& params);

std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);
// A schema's or role's name as Haven makes them: lower-case letters, digits, underscore; begins with a letter.
bool IsPlainName(std::string_view name);

}  // namespace haven::store
