#include "services/routing/store/ledger.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "libs/core/error.h"
#include "libs/core/seeded_fault.h"
#include "libs/store/idempotency.h"

namespace haven::routing {
namespace {

namespace channels = internal::channels::v1;
using store::Params;
using store::Rows;
using store::Statement;

#define HAVEN_LEDGER_COLUMNS                                                                                         \
  "contact_id, conversation_id, channel, queue, language, skills, state, epoch, sequence, agent_id, enqueued_time, " \
  "queued_time, "                                                                                                    \
  "assigned_time, priority_seconds, person_left, preferred_agent_id, preferred_until, preferred_if_away, "           \
  "avoid_agent_id, "                                                                                                 \
  "avoid_until, handled_through, wrap_up_agent_id, wrap_up_epoch, wrap_up_end, wrap_up_extended"

LedgerEntry EntryOf(const Rows& rows, int row) {
  LedgerEntry e;
  int c = 0;
  e.contact_id = rows.Text(row, c++);
  e.conversation_id = rows.Text(row, c++);
  e.channel = rows.Text(row, c++);
  e.queue = rows.Text(row, c++);
  e.language = rows.Text(row, c++);
  e.skills = rows.TextArray(row, c++);
  e.state = static_cast<EntryState>(rows.Int(row, c++));
  e.epoch = rows.Int(row, c++);
  e.sequence = rows.Int(row, c++);
  e.agent_id = rows.Text(row, c++);
  e.enqueued_time = rows.Time(row, c++);
  e.queued_time = rows.Time(row, c++);
  e.assigned_time = rows.OptTime(row, c++);
  e.priority_seconds = static_cast<int>(rows.Int(row, c++));
  e.person_left = rows.Bool(row, c++);
  e.preferred_agent_id = rows.Text(row, c++);
  e.preferred_until = rows.OptTime(row, c++);
  e.preferred_if_away = rows.Bool(row, c++);
  e.avoid_agent_id = rows.Text(row, c++);
  e.avoid_until = rows.OptTime(row, c++);
  e.handled_through = rows.Int(row, c++);
  e.wrap_up_agent_id = rows.Text(row, c++);
  e.wrap_up_epoch = rows.Int(row, c++);
  e.wrap_up_end = rows.OptTime(row, c++);
  e.wrap_up_extended = rows.Bool(row, c++);
  return e;
}

std::vector<LedgerEntry> EntriesOf(const Rows& rows) {
  std::vector<LedgerEntry> out;
  out.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) out.push_back(EntryOf(rows, i));
  return out;
}

absl::Status LostRace(const char* what) {
  return core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE, what);
}

std::string OwnerPayload(const std::string& contact_id, std::int64_t epoch, haven::channels::v1::OwnerKind kind,
                         const std::string& agent_id, const std::string& queue, bool transferred) {
  channels::ApplyOwnerRequest owner;
  owner.set_contact_id(contact_id);
  owner.set_epoch(epoch);
  owner.set_owner_kind(kind);
  owner.set_agent_id(agent_id);
  owner.set_queue(queue);
  owner.set_transferred(transferred);
  return owner.SerializeAsString();
}

std::optional<std::string> OptId(const std::string& id) {
  return id.empty() ? std::nullopt : std::optional(id);
}

std::optional<absl::Time> PreferredUntil(const Placement& placement, absl::Time now) {
  if (placement.preferred_agent_id.empty()) return std::nullopt;
  return now + placement.prefer_for;
}

constexpr Statement kGet{"routing_get", "SELECT " HAVEN_LEDGER_COLUMNS " FROM ledger WHERE contact_id = $1"};
constexpr Statement kLock{"routing_lock",
                          "SELECT " HAVEN_LEDGER_COLUMNS " FROM ledger WHERE contact_id = $1 FOR UPDATE"};
constexpr Statement kLivePage{
    "routing_live_page",
    "SELECT " HAVEN_LEDGER_COLUMNS
    " FROM ledger WHERE (state < 4 OR wrap_up_end > $3) AND contact_id > $1 ORDER BY contact_id LIMIT $2"};
constexpr Statement kOfAgents{"routing_of_agents", "SELECT " HAVEN_LEDGER_COLUMNS
                                                   " FROM ledger WHERE agent_id = ANY($1::uuid[]) AND state IN (2, 3)"};

constexpr Statement kInsert{
    "routing_insert",
    "INSERT INTO ledger (contact_id, conversation_id, channel, queue, language, skills, state, epoch, sequence, "
    "enqueued_time, "
    "queued_time, priority_seconds, preferred_agent_id, preferred_until) "
    "VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 1, $8, $9, $10, $11, $12) "
    "ON CONFLICT (contact_id) DO UPDATE SET queue = excluded.queue, language = excluded.language, skills = "
    "excluded.skills, state = 1, "
    "epoch = excluded.epoch, sequence = ledger.sequence + 1, agent_id = NULL, queued_time = excluded.queued_time, "
    "priority_seconds = excluded.priority_seconds, preferred_agent_id = excluded.preferred_agent_id, "
    "preferred_until = excluded.preferred_until, preferred_if_away = false, wrap_up_end = NULL"};

constexpr Statement kMarkLeft{"routing_mark_left",
                              "UPDATE ledger SET person_left = $2, sequence = sequence + 1 WHERE contact_id = $1 AND "
                              "state < 4 AND person_left <> $2"};

constexpr Statement kAssign{
    "routing_assign",
    "UPDATE ledger SET state = 2, epoch = epoch + 1, sequence = sequence + 1, agent_id = $3, assigned_time = $4, "
    "preferred_agent_id = NULL, preferred_until = NULL WHERE contact_id = $1 AND epoch = $2 AND state = 1 "
    "RETURNING " HAVEN_LEDGER_COLUMNS};

#ifdef HAVEN_SEEDED_FAULTS
constexpr Statement kAssignUnchecked{
    "routing_assign_unchecked",
    "UPDATE ledger SET state = 2, epoch = $2 + 1, sequence = sequence + 1, agent_id = $3, assigned_time = $4 "
    "WHERE contact_id = $1 AND state < 4 RETURNING " HAVEN_LEDGER_COLUMNS};
#endif

constexpr Statement kComplete{
    "routing_complete",
    "UPDATE ledger SET state = 3, sequence = sequence + 1, handled_through = $4, wrap_up_agent_id = agent_id, "
    "wrap_up_epoch = epoch, "
    "wrap_up_end = $5, wrap_up_extended = false WHERE contact_id = $1 AND epoch = $2 AND state = 2 AND agent_id = $3 "
    "RETURNING " HAVEN_LEDGER_COLUMNS};

constexpr Statement kClosed{"routing_closed",
                            "UPDATE ledger SET state = 4, sequence = sequence + 1, agent_id = NULL, ended_time = $3 "
                            "WHERE contact_id = $1 AND epoch = $2 AND state = 3"};

constexpr Statement kReopened{
    "routing_reopened",
    "UPDATE ledger SET state = CASE WHEN $3 THEN 1 ELSE 2 END, epoch = epoch + 1, sequence = sequence + 1, "
    "agent_id = CASE WHEN $3 THEN NULL ELSE agent_id END, queued_time = CASE WHEN $3 THEN $4 ELSE queued_time END, "
    "wrap_up_end = NULL, wrap_up_agent_id = NULL WHERE contact_id = $1 AND epoch = $2 AND state = 3 "
    "RETURNING " HAVEN_LEDGER_COLUMNS};

constexpr Statement kRequeue{
    "routing_requeue",
    "UPDATE ledger SET state = 1, epoch = epoch + 1, sequence = sequence + 1, avoid_agent_id = agent_id, avoid_until = "
    "$8, agent_id = NULL, "
    "queue = $4, skills = $5, priority_seconds = $6, queued_time = $7, preferred_agent_id = $9, preferred_until = $10, "
    "preferred_if_away = $11 "
    "WHERE contact_id = $1 AND epoch = $2 AND state = 2 AND agent_id = $3 RETURNING " HAVEN_LEDGER_COLUMNS};

constexpr Statement kFinish{
    "routing_finish_wrap_up",
    "UPDATE ledger SET wrap_up_end = CASE WHEN wrap_up_end > $3 THEN $3 ELSE wrap_up_end END, sequence = sequence + 1 "
    "WHERE contact_id = $1 AND wrap_up_agent_id = $2 RETURNING " HAVEN_LEDGER_COLUMNS};
constexpr Statement kExtend{"routing_extend_wrap_up",
                            "UPDATE ledger SET wrap_up_end = wrap_up_end + make_interval(secs => $3), wrap_up_extended "
                            "= true, sequence = sequence + 1 "
                            "WHERE contact_id = $1 AND wrap_up_agent_id = $2 AND wrap_up_end > $4 AND NOT "
                            "wrap_up_extended RETURNING " HAVEN_LEDGER_COLUMNS};

constexpr Statement kCountQueues{"routing_count_queues",
                                 "SELECT queue, count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state IN (2, "
                                 "3)), min(enqueued_time) FILTER (WHERE state = 1) "
                                 "FROM ledger WHERE state < 4 GROUP BY queue"};
constexpr Statement kSaveActivities{"routing_save_activities",
                                    "INSERT INTO agent_state (agent_id, activity, version, since) "
                                    "SELECT a, b, c, to_timestamp(d / 1e3) FROM unnest($1::uuid[], $2::text[], "
                                    "$3::int8[], $4::int8[]) AS t(a, b, c, d) "
                                    "ON CONFLICT (agent_id) DO UPDATE SET activity = excluded.activity, version = "
                                    "excluded.version, since = excluded.since "
                                    "WHERE agent_state.version < excluded.version"};
constexpr Statement kLoadActivities{"routing_load_activities",
                                    "SELECT agent_id, activity, version, since FROM agent_state"};
constexpr Statement kLoadGeneration{"routing_load_generation", "SELECT generation, run_id FROM live_generation"};
constexpr Statement kSaveGeneration{
    "routing_save_generation",
    "INSERT INTO live_generation (generation, run_id) VALUES ($1, $2) "
    "ON CONFLICT (only_row) DO UPDATE SET generation = excluded.generation, run_id = excluded.run_id"};

}  // namespace

void LedgerStore::Project(store::Transaction& tx, const std::string& contact_id) {
  // An order of its own: the live state must not wait for channels.
  dispatcher_.Append(tx, {contact_id + ":live", "routing", kProjectKind, contact_id});
}

void LedgerStore::HandOver(store::Transaction& tx, const std::string& contact_id, std::string owner_payload) {
  dispatcher_.Append(tx, {contact_id, "channels", kApplyOwnerKind, std::move(owner_payload)});
  Project(tx, contact_id);
}

async::Task<absl::StatusOr<std::int64_t>> LedgerStore::Enqueue(core::Deadline deadline, Turn turn, NewContact contact) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto inbox = store::InboxTurn::Queue(*tx, turn.caller, turn.aggregate, turn.sequence, turn.previous);
  auto existing = tx->Queue(kLock, Params().Uuid(contact.contact_id));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (inbox.outcome() == store::InboxTurn::Outcome::kGap) co_return inbox.gap();
  const std::int64_t known = existing.rows().empty() ? 0 : existing.rows().Int(0, 7);
  if (inbox.outcome() == store::InboxTurn::Outcome::kDuplicate) co_return known;
  if (known > contact.flow_epoch) {
    inbox.Record(*tx);
    if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
    co_return known;
  }
  const auto now = clock_.Now();
  const auto& place = contact.placement;
  tx->Queue(kInsert, Params()
                         .Uuid(contact.contact_id)
                         .Uuid(contact.conversation_id)
                         .Text(contact.channel)
                         .Text(place.queue)
                         .Text(contact.language)
                         .TextArray(place.skills)
                         .Int(contact.flow_epoch + 1)
                         .Time(contact.enqueue_time)
                         .Time(now)
                         .Int(place.priority_seconds)
                         .OptText(OptId(place.preferred_agent_id))
                         .OptTime(PreferredUntil(place, now)));
  HandOver(*tx, contact.contact_id,
           OwnerPayload(contact.contact_id, contact.flow_epoch + 1, haven::channels::v1::OWNER_KIND_QUEUE, "",
                        place.queue, false));
  inbox.Record(*tx);
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return contact.flow_epoch + 1;
}

async::Task<absl::Status> LedgerStore::MarkLeft(core::Deadline deadline, Turn turn, std::string contact_id, bool left) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto inbox = store::InboxTurn::Queue(*tx, turn.caller, turn.aggregate, turn.sequence, turn.previous);
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (inbox.outcome() == store::InboxTurn::Outcome::kGap) co_return inbox.gap();
  if (inbox.outcome() == store::InboxTurn::Outcome::kDuplicate) co_return absl::OkStatus();
  tx->Queue(kMarkLeft, Params().Uuid(contact_id).Bool(left));
  Project(*tx, contact_id);
  inbox.Record(*tx);
  co_return co_await tx->Commit();
}

async::Task<absl::StatusOr<LedgerEntry>> LedgerStore::Assign(core::Deadline deadline, std::string contact_id,
                                                             std::int64_t epoch, std::string agent_id) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  const Statement* assign = &kAssign;
#ifdef HAVEN_SEEDED_FAULTS
  if (core::SeededFault("accept_without_epoch")) assign = &kAssignUnchecked;
#endif
  auto changed = tx->Queue(*assign, Params().Uuid(contact_id).Int(epoch).Uuid(agent_id).Time(clock_.Now()));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (changed.rows().empty()) {
    // An accept whose answer was lost comes again: the row says whether it was this one.
    auto row = co_await tx->Query(kGet, Params().Uuid(contact_id));
    if (!row.ok()) co_return row.status();
    if (row->empty()) co_return LostRace("the contact is not in the ledger");
    LedgerEntry entry = EntryOf(*row, 0);
    const bool same = entry.state == EntryState::kAssigned && entry.epoch == epoch + 1 && entry.agent_id == agent_id;
    if (!same) co_return LostRace("the contact went elsewhere");
    co_return entry;
  }
  LedgerEntry entry = EntryOf(changed.rows(), 0);
  HandOver(*tx, contact_id,
           OwnerPayload(contact_id, entry.epoch, haven::channels::v1::OWNER_KIND_AGENT, agent_id, entry.queue, false));
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return entry;
}

async::Task<absl::StatusOr<LedgerEntry>> LedgerStore::Complete(core::Deadline deadline, std::string contact_id,
                                                               std::int64_t epoch, std::string agent_id,
                                                               std::int64_t handled_through, absl::Duration wrap_up) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto changed = tx->Queue(
      kComplete, Params().Uuid(contact_id).Int(epoch).Uuid(agent_id).Int(handled_through).Time(clock_.Now() + wrap_up));
  auto current = tx->Queue(kGet, Params().Uuid(contact_id));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (changed.rows().empty()) {
    if (current.rows().empty())
      co_return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such contact");
    LedgerEntry entry = EntryOf(current.rows(), 0);
    const bool same = entry.wrap_up_agent_id == agent_id && entry.wrap_up_epoch == epoch &&
                      (entry.state == EntryState::kClosing || entry.state == EntryState::kEnded);
    if (same) co_return entry;
    co_return LostRace("the contact is not the agent's with this epoch");
  }
  LedgerEntry entry = EntryOf(changed.rows(), 0);
  channels::CloseContactRequest close;
  close.set_contact_id(contact_id);
  close.set_epoch(epoch);
  close.set_handled_through(handled_through);
  close.set_reason(haven::channels::v1::END_REASON_COMPLETED);
  close.set_agent_id(agent_id);
  dispatcher_.Append(*tx, {contact_id, "channels", kCloseKind, close.SerializeAsString()});
  Project(*tx, contact_id);
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return entry;
}

async::Task<absl::Status> LedgerStore::Closed(core::Deadline deadline, std::string contact_id, std::int64_t epoch) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  tx->Queue(kClosed, Params().Uuid(contact_id).Int(epoch).Time(clock_.Now()));
  Project(*tx, contact_id);
  co_return co_await tx->Commit();
}

async::Task<absl::Status> LedgerStore::Reopened(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                                bool to_queue) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto changed = tx->Queue(kReopened, Params().Uuid(contact_id).Int(epoch).Bool(to_queue).Time(clock_.Now()));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (changed.rows().empty()) co_return absl::OkStatus();  // done before
  const LedgerEntry entry = EntryOf(changed.rows(), 0);
  const auto kind = to_queue ? haven::channels::v1::OWNER_KIND_QUEUE : haven::channels::v1::OWNER_KIND_AGENT;
  HandOver(*tx, contact_id, OwnerPayload(contact_id, entry.epoch, kind, entry.agent_id, entry.queue, true));
  co_return co_await tx->Commit();
}

async::Task<absl::Status> LedgerStore::Requeue(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                               std::string agent_id, Placement place, std::string note,
                                               RequestKey key) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  const auto now = clock_.Now();
  auto record = store::RequestRecord::Queue(*tx, key.caller, key.request_id, key.request);
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  auto earlier = record.response();
  if (!earlier.ok()) co_return earlier.status();
  if (earlier->has_value()) co_return absl::OkStatus();
  auto changed = tx->Queue(kRequeue, Params()
                                         .Uuid(contact_id)
                                         .Int(epoch)
                                         .Uuid(agent_id)
                                         .Text(place.queue)
                                         .TextArray(place.skills)
                                         .Int(place.priority_seconds)
                                         .Time(now)
                                         .Time(now + absl::Minutes(2))
                                         .OptText(OptId(place.preferred_agent_id))
                                         .OptTime(PreferredUntil(place, now))
                                         .Bool(place.prefer_if_away));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (changed.rows().empty()) co_return LostRace("the contact is not the agent's with this epoch");
  if (!note.empty()) {
    channels::RecordWrapUpRequest wrap_up;
    wrap_up.set_contact_id(contact_id);
    wrap_up.set_agent_id(agent_id);
    wrap_up.set_note(note);
    dispatcher_.Append(*tx, {contact_id, "channels", kRecordWrapUpKind, wrap_up.SerializeAsString()});
  }
  HandOver(*tx, contact_id,
           OwnerPayload(contact_id, epoch + 1, haven::channels::v1::OWNER_KIND_QUEUE, "", place.queue, true));
  record.Store(*tx, "");
  co_return co_await tx->Commit();
}

async::Task<absl::StatusOr<LedgerEntry>> LedgerStore::FinishWrapUp(core::Deadline deadline, std::string contact_id,
                                                                   std::string agent_id, std::string disposition,
                                                                   std::string note, RequestKey key) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto record = store::RequestRecord::Queue(*tx, key.caller, key.request_id, key.request);
  auto current = tx->Queue(kLock, Params().Uuid(contact_id));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  auto earlier = record.response();
  if (!earlier.ok()) co_return earlier.status();
  if (current.rows().empty() || EntryOf(current.rows(), 0).wrap_up_agent_id != agent_id) {
    co_return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                              "the contact is not in this agent's wrap-up");
  }
  if (earlier->has_value()) co_return EntryOf(current.rows(), 0);
  auto changed = tx->Queue(kFinish, Params().Uuid(contact_id).Uuid(agent_id).Time(clock_.Now()));
  channels::RecordWrapUpRequest wrap_up;
  wrap_up.set_contact_id(contact_id);
  wrap_up.set_agent_id(agent_id);
  wrap_up.set_disposition(std::move(disposition));
  wrap_up.set_note(std::move(note));
  dispatcher_.Append(*tx, {contact_id, "channels", kRecordWrapUpKind, wrap_up.SerializeAsString()});
  Project(*tx, contact_id);
  record.Store(*tx, "");
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return EntryOf(changed.rows(), 0);
}

async::Task<absl::StatusOr<LedgerEntry>> LedgerStore::ExtendWrapUp(core::Deadline deadline, std::string contact_id,
                                                                   std::string agent_id, absl::Duration by) {
  auto tx = co_await database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  auto changed =
      tx->Queue(kExtend, Params().Uuid(contact_id).Uuid(agent_id).Float(absl::ToDoubleSeconds(by)).Time(clock_.Now()));
  if (auto status = co_await tx->Flush(); !status.ok()) co_return status;
  if (changed.rows().empty()) {
    co_return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                              "wrap-up has ended or was extended before");
  }
  Project(*tx, contact_id);
  if (auto status = co_await tx->Commit(); !status.ok()) co_return status;
  co_return EntryOf(changed.rows(), 0);
}

async::Task<absl::StatusOr<LedgerEntry>> LedgerStore::Get(core::Deadline deadline, std::string contact_id) {
  auto rows = co_await database_.Query(deadline, kGet, Params().Uuid(contact_id));
  if (!rows.ok()) co_return rows.status();
  if (rows->empty())
    co_return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND,
                              "no such contact in the ledger");
  co_return EntryOf(*rows, 0);
}

async::Task<absl::StatusOr<std::vector<LedgerEntry>>> LedgerStore::LivePage(core::Deadline deadline, std::string after,
                                                                            int limit) {
  if (after.empty()) after = "00000000-0000-0000-0000-000000000000";
  auto rows = co_await database_.Query(deadline, kLivePage, Params().Uuid(after).Int(limit).Time(clock_.Now()));
  if (!rows.ok()) co_return rows.status();
  co_return EntriesOf(*rows);
}

async::Task<absl::StatusOr<std::vector<LedgerEntry>>> LedgerStore::OfAgents(core::Deadline deadline,
                                                                            std::vector<std::string> agent_ids) {
  auto rows = co_await database_.Query(deadline, kOfAgents, Params().UuidArray(agent_ids));
  if (!rows.ok()) co_return rows.status();
  co_return EntriesOf(*rows);
}

async::Task<absl::StatusOr<std::vector<LedgerStore::QueueCount>>> LedgerStore::CountQueues(core::Deadline deadline) {
  auto rows = co_await database_.Query(deadline, kCountQueues);
  if (!rows.ok()) co_return rows.status();
  std::vector<QueueCount> out;
  for (int i = 0; i < rows->size(); ++i) {
    QueueCount count;
    count.queue = rows->Text(i, 0);
    count.waiting = static_cast<int>(rows->Int(i, 1));
    count.in_progress = static_cast<int>(rows->Int(i, 2));
    count.longest_wait_start = rows->OptTime(i, 3);
    out.push_back(std::move(count));
  }
  co_return out;
}

async::Task<absl::Status> LedgerStore::SaveActivities(core::Deadline deadline, std::vector<AgentActivity> activities) {
  std::vector<std::string> agents, names;
  std::vector<std::int64_t> versions, since;
  for (auto& a : activities) {
    agents.push_back(std::move(a.agent_id));
    names.push_back(std::move(a.activity));
    versions.push_back(a.version);
    since.push_back(absl::ToUnixMillis(a.since));
  }
  auto rows = co_await database_.Query(deadline, kSaveActivities,
                                       Params().UuidArray(agents).TextArray(names).IntArray(versions).IntArray(since));
  co_return rows.status();
}

async::Task<absl::StatusOr<std::vector<LedgerStore::AgentActivity>>> LedgerStore::LoadActivities(
    core::Deadline deadline) {
  auto rows = co_await database_.Query(deadline, kLoadActivities);
  if (!rows.ok()) co_return rows.status();
  std::vector<AgentActivity> out;
  for (int i = 0; i < rows->size(); ++i) {
    AgentActivity a;
    a.agent_id = rows->Text(i, 0);
    a.activity = rows->Text(i, 1);
    a.version = rows->Int(i, 2);
    a.since = rows->Time(i, 3);
    out.push_back(std::move(a));
  }
  co_return out;
}

async::Task<absl::StatusOr<LedgerStore::Generation>> LedgerStore::LoadGeneration(core::Deadline deadline) {
  auto rows = co_await database_.Query(deadline, kLoadGeneration);
  if (!rows.ok()) co_return rows.status();
  Generation generation;
  if (!rows->empty()) {
    generation.value = rows->Text(0, 0);
    generation.run_id = rows->Text(0, 1);
  }
  co_return generation;
}

async::Task<absl::Status> LedgerStore::SaveGeneration(core::Deadline deadline, Generation generation) {
  auto rows =
      co_await database_.Query(deadline, kSaveGeneration, Params().Text(generation.value).Text(generation.run_id));
  co_return rows.status();
}

}  // namespace haven::routing
