#include "libs/store/pg.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

using Clock = std::chrono::steady_clock;

// Waits in slices, so that a destructor setting `stop` does not wait for a dead network.
bool WaitSocket(PGconn* connection, bool write, Clock::time_point until, const std::atomic<bool>* stop) {
  while (!(stop && stop->load())) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd fd{PQsocket(connection), static_cast<short>(write ? POLLOUT : POLLIN), 0};
    if (poll(&fd, 1, static_cast<int>(std::min<std::int64_t>(left, 50))) > 0) return true;
  }
  return false;
}

// The last line of libpq's message names host and cause; it holds no secret, but may hold the DSN's host and user.
std::string LastError(PGconn* connection) {
  std::string text = PQerrorMessage(connection);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.empty() ? "no answer in time" : text;
}

absl::StatusOr<PgConnection> Connect(const std::string& dsn, Clock::time_point until, const std::atomic<bool>* stop) {
  // Before dbname, so that the DSN's own settings win. A peer that has vanished is noticed within ten seconds.
  const std::array keys = {"fallback_application_name",
                           "keepalives_idle",
                           "keepalives_interval",
                           "keepalives_count",
                           "tcp_user_timeout",
                           "client_encoding",
                           "dbname",
                           static_cast<const char*>(nullptr)};
  const std::array values = {"haven", "5", "2", "3", "10000", "UTF8", dsn.c_str(), static_cast<const char*>(nullptr)};
  PgConnection connection(PQconnectStartParams(keys.data(), values.data(), 1));
  if (!connection) return UnavailableError("out of memory", Outcome::kNone);
  auto state = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED || !WaitSocket(connection.get(), state == PGRES_POLLING_WRITING, until, stop)) {
      return UnavailableError(LastError(connection.get()), Outcome::kNone);
    }
    state = PQconnectPoll(connection.get());
  }
  return connection;
}

// One simple query with a time limit; the last statement's result.
absl::StatusOr<PgResult> ExecWithin(PGconn* connection, const std::string& sql, Clock::time_point until,
                                    const std::atomic<bool>* stop) {
  if (!PQsendQuery(connection, sql.c_str())) return UnavailableError(LastError(connection), Outcome::kNone);
  PgResult last;
  while (true) {
    while (PQisBusy(connection)) {
      if (!WaitSocket(connection, false, until, stop) || !PQconsumeInput(connection)) {
        return UnavailableError(LastError(connection), Outcome::kNone);
      }
    }
    PgResult result(PQgetResult(connection));
    if (!result) break;
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return ErrorOf(result.get(), "session set-up");
    last = std::move(result);
  }
  return last;
}

std::string SessionSql(const DatabaseOptions& options) {
  std::string sql =
      Cat("SET standard_conforming_strings = on; SET timezone = 'UTC'; SET jit = off;"
          "SET statement_timeout = ",
          options.statement_timeout.count(),
          "; SET idle_in_transaction_session_timeout = ", options.idle_in_transaction_timeout.count(),
          // A statement whose client has gone ends by itself; so do sessions behind a cut network.
          "; SET client_connection_check_interval = 2000; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2;"
          "SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000;");
  if (!options.schema.empty()) sql += Cat("SET search_path = ", QuoteIdentifier(options.schema), ";");
  if (!options.role.empty()) sql += Cat("SET ROLE ", QuoteIdentifier(options.role), ";");
  return sql + "SELECT pg_is_in_recovery()";
}

}  // namespace

absl::StatusOr<PgConnection> OpenSession(const DatabaseOptions& options, const std::atomic<bool>& stop) {
  const auto until = Clock::now() + options.connect_timeout;
  auto connection = Connect(options.dsn, until, &stop);
  if (!connection.ok()) return connection.status();
  const auto set_up = ExecWithin(connection->get(), SessionSql(options), until, &stop);
  if (!set_up.ok()) return set_up.status();
  if (*set_up && PQgetvalue(set_up->get(), 0, 0)[0] == 't') {
    return UnavailableError("the server is a standby", Outcome::kNone);
  }
  if (PQsetnonblocking(connection->get(), 1) != 0 || !PQenterPipelineMode(connection->get())) {
    return UnavailableError("no pipeline mode", Outcome::kNone);
  }
  return connection;
}

absl::StatusOr<PgConnection> OpenPlain(const std::string& dsn, std::chrono::milliseconds timeout) {
  auto connection = Connect(dsn, Clock::now() + timeout, nullptr);
  if (connection.ok()) {
    PQsetNoticeProcessor(
        connection->get(), [](void*, const char*) {}, nullptr);
  }
  return connection;
}

absl::StatusOr<PgResult> Exec(PGconn* connection, const std::string& sql) {
  PgResult result(PQexec(connection, sql.c_str()));
  if (!result || PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return ErrorOf(result.get(), "start-up");
  return result;
}

absl::StatusOr<PgResult> Exec(PGconn* connection, const std::string& sql, const std::vector<std::string>& params) {
  std::vector<const char*> values;
  for (const auto& param : params) values.push_back(param.c_str());
  PgResult result(PQexecParams(connection, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                               nullptr, nullptr, 0));
  if (!result || PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return ErrorOf(result.get(), "start-up");
  return result;
}

std::string QuoteIdentifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string QuoteLiteral(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

bool IsPlainName(std::string_view name) {
  if (name.empty() || name.size() > 40 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace haven::store
