#include "libs/store/status.h"

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/pg.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

using absl::StatusCode;
using core::MakeError;

// Concurrent firsts of the same hand-off or request: the later one repeats and finds the recorded answer.
bool IsRecordOfOurs(std::string_view constraint) {
  return constraint == "inbox_pkey" || constraint == "idempotency_pkey";
}

std::string_view Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

absl::Status ConstraintError(std::string_view state, std::string_view constraint) {
  const std::string name(constraint);
  if (state != "23505") {
    return MakeError(StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                     Cat("constraint ", name, " does not hold"), {{"constraint", name}});
  }
  if (IsRecordOfOurs(constraint)) {
    return MakeError(StatusCode::kAborted, errors::v1::REASON_LOST_RACE, "done by a concurrent call; repeat",
                     {{"what", name}});
  }
  return MakeError(StatusCode::kAlreadyExists, errors::v1::REASON_ALREADY_EXISTS, Cat(name, " exists"),
                   {{"constraint", name}});
}

bool MeansAway(std::string_view state) {
  return state.starts_with("08") || state.starts_with("57P") || state.starts_with("53") || state.starts_with("58") ||
         state == "25006";
}

bool MeansLostRace(std::string_view state) {
  return state == "40001" || state == "40P01" || state == "55P03" || state == "HV001";
}

}  // namespace

std::string ConstraintOf(const absl::Status& status) {
  return core::MetadataOf(status, "constraint");
}

bool OutcomeUnknown(const absl::Status& status) {
  return core::MetadataOf(status, "outcome") == "unknown";
}

absl::Status UnavailableError(std::string_view why, Outcome outcome) {
  return MakeError(StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, Cat("database: ", why),
                   {{"outcome", outcome == Outcome::kUnknown ? "unknown" : "none"}});
}

absl::Status DeadlineError(Outcome outcome) {
  return MakeError(StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                   "the database did not answer in time",
                   {{"outcome", outcome == Outcome::kUnknown ? "unknown" : "none"}});
}

std::string_view SqlStateOf(const PGresult* result) {
  return Field(result, PG_DIAG_SQLSTATE);
}

// The server's own text is told only for class 42 (names and syntax): other messages may repeat values.
absl::Status ErrorOf(const PGresult* result, std::string_view statement) {
  const std::string_view state = SqlStateOf(result);
  if (state.empty()) return UnavailableError("connection lost", Outcome::kUnknown);
  if (state.starts_with("23")) return ConstraintError(state, Field(result, PG_DIAG_CONSTRAINT_NAME));
  if (MeansAway(state)) return UnavailableError(Cat("SQLSTATE ", state), Outcome::kNone);
  if (state == "57014") return DeadlineError(Outcome::kNone);
  if (MeansLostRace(state)) {
    // haven.require() raises its own text, which is a constant of ours.
    const std::string what(state == "HV001" ? Field(result, PG_DIAG_MESSAGE_PRIMARY) : state);
    return MakeError(StatusCode::kAborted, errors::v1::REASON_LOST_RACE, Cat("lost a race: ", what), {{"what", what}});
  }
  if (state.starts_with("22")) {
    return MakeError(StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD,
                     Cat("a value does not fit (SQLSTATE ", state, " in ", statement, ")"));
  }
  std::string message = Cat("SQLSTATE ", state, " in ", statement);
  if (state.starts_with("42")) message += Cat(": ", Field(result, PG_DIAG_MESSAGE_PRIMARY));
  return MakeError(StatusCode::kInternal, errors::v1::REASON_BUG, message,
                   {{"sqlstate", std::string(state)}, {"statement", std::string(statement)}});
}

bool SpoilsConnection(std::string_view state) {
  return state.starts_with("57P") || state.starts_with("08") || state == "25006" || state == "25P03";
}

// "cached plan must not change result type": a migration has changed a table under a prepared statement. The server
// keeps the statement, so it must be prepared under another connection.
bool PlanIsStale(const PGresult* result) {
  return SqlStateOf(result) == "0A000" && Field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

bool Repeatable(std::string_view state) {
  return state == "57014" || state == "26000";
}

}  // namespace haven::store
