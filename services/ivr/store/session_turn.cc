#include "services/ivr/store/session_turn.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace haven::ivr {
namespace {

using store::Params;
using store::Statement;

constexpr Statement kReadSession{"read_session",
                                 "SELECT flow, flow_version, state, node, misses, variable_names, variable_values, "
                                 "epoch, last_sequence, version FROM session "
                                 "WHERE contact_id = $1 FOR UPDATE"};
constexpr Statement kInsertSession{
    "insert_session",
    "INSERT INTO session (contact_id, conversation_id, flow, flow_version, state, node, misses, variable_names, "
    "variable_values, epoch, last_sequence, version, updated_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
    "$11, 1, "
    "$12)"};
constexpr Statement kUpdateSession{
    "update_session",
    "WITH changed AS (UPDATE session SET flow = $2, flow_version = $3, state = $4, node = $5, misses = $6, "
    "variable_names = $7, "
    "variable_values = $8, epoch = $9, last_sequence = $10, version = version + 1, updated_time = $11 WHERE contact_id "
    "= $1 AND "
    "version = $12 RETURNING 1) SELECT haven.require((SELECT count(*) FROM changed) = 1, 'session_version')"};
constexpr Statement kSweepSessions{
    "sweep_sessions",
    "DELETE FROM session WHERE contact_id IN (SELECT contact_id FROM session WHERE updated_time < $1 LIMIT 1000)"};

StoredSession ReadSession(const store::Rows& rows) {
  StoredSession stored;
  Session& session = stored.session;
  session.flow = rows.Text(0, 0);
  session.flow_version = static_cast<int>(rows.Int(0, 1));
  session.state = static_cast<SessionState>(rows.Int(0, 2));
  session.node = rows.Text(0, 3);
  session.misses = static_cast<int>(rows.Int(0, 4));
  const auto names = rows.TextArray(0, 5);
  const auto values = rows.TextArray(0, 6);
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) session.variables[names[i]] = values[i];
  stored.epoch = rows.Int(0, 7);
  stored.last_sequence = rows.Int(0, 8);
  stored.version = rows.Int(0, 9);
  return stored;
}

void AddSession(const StoredSession& stored, Params* params) {
  const Session& session = stored.session;
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& [name, value] : session.variables) {
    names.push_back(name);
    values.push_back(value);
  }
  params->Text(session.flow).Int(session.flow_version).Int(static_cast<int>(session.state)).Text(session.node);
  params->Int(session.misses).TextArray(names).TextArray(values).Int(stored.epoch).Int(stored.last_sequence);
}

}  // namespace

SessionTurn::SessionTurn(store::Transaction tx, store::Dispatcher* handoffs, std::string contact_id)
    : tx_(std::move(tx)), handoffs_(handoffs), contact_id_(std::move(contact_id)) {}

async::Task<absl::StatusOr<SessionTurn>> SessionTurn::Begin(store::Database* database, store::Dispatcher* handoffs,
                                                            core::Deadline deadline, std::string contact_id,
                                                            Arrival arrival) {
  auto tx = co_await database->Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  SessionTurn turn(*std::move(tx), handoffs, std::move(contact_id));
  turn.inbox_ =
      store::InboxTurn::Queue(turn.tx_, arrival.caller, arrival.aggregate, arrival.sequence, arrival.previous);
  const store::Pending read = turn.tx_.Queue(kReadSession, Params().Uuid(turn.contact_id_));
  if (auto status = co_await turn.tx_.Flush(); !status.ok()) co_return status;
  if (turn.inbox_->outcome() == store::InboxTurn::Outcome::kGap) co_return turn.inbox_->gap();
  if (!read.rows().empty()) turn.stored_ = ReadSession(read.rows());
  co_return std::move(turn);
}

void SessionTurn::Save(const std::string& conversation_id, const StoredSession& stored, absl::Time now) {
  Params params;
  params.Uuid(contact_id_);
  if (!stored_) {
    params.Uuid(conversation_id);
    AddSession(stored, &params);
    params.Time(now);
    tx_.Queue(kInsertSession, std::move(params));
  } else {
    AddSession(stored, &params);
    params.Time(now).Int(stored_->version);
    tx_.Queue(kUpdateSession, std::move(params));
  }
}

void SessionTurn::HandOff(std::string callee, std::string kind, std::string payload) {
  handoffs_->Append(tx_, {contact_id_, std::move(callee), std::move(kind), std::move(payload)});
}

async::Task<absl::Status> SessionTurn::Commit() {
  inbox_->Record(tx_);
  co_return co_await tx_.Commit();
}

async::Task<absl::StatusOr<std::int64_t>> SweepSessions(store::Database* database, core::Deadline deadline,
                                                        absl::Time before) {
  auto rows = co_await database->Query(deadline, kSweepSessions, Params().Time(before));
  if (!rows.ok()) co_return rows.status();
  co_return rows->affected();
}

}  // namespace haven::ivr
