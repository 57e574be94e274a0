#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "libs/store/database.h"
#include "libs/store/inbox.h"
#include "libs/store/outbox.h"
#include "services/routing/domain/types.h"

namespace haven::routing {

enum class EntryState { kQueued = 1, kAssigned = 2, kClosing = 3, kEnded = 4 };

// One row of the ledger, wall time.
struct LedgerEntry {
  std::string contact_id, conversation_id, channel, queue, language;
  std::vector<std::string> skills;  // "skill:level"
  EntryState state = EntryState::kQueued;
  std::int64_t epoch = 0, sequence = 0;
  std::string agent_id;  // empty unless assigned or closing
  absl::Time enqueued_time, queued_time;
  std::optional<absl::Time> assigned_time;
  int priority_seconds = 0;
  bool person_left = false;
  std::string preferred_agent_id;
  std::optional<absl::Time> preferred_until;
  bool preferred_if_away = false;
  std::string avoid_agent_id;
  std::optional<absl::Time> avoid_until;
  std::int64_t handled_through = 0;
  std::string wrap_up_agent_id;
  std::int64_t wrap_up_epoch = 0;
  std::optional<absl::Time> wrap_up_end;
  bool wrap_up_extended = false;
};

// Where a contact is to wait.
struct Placement {
  std::string queue;
  std::vector<std::string> skills;
  int priority_seconds = 0;
  std::string preferred_agent_id;
  absl::Duration prefer_for = absl::ZeroDuration();
  bool prefer_if_away = false;
};

// The request of a caller, for the record of its answer.
struct RequestKey {
  std::string caller, request_id, request;
};

// The ledger in SQL: each change is one transaction with its hand-offs, compared-and-set on (state, epoch). Every
// method is two round trips at most. Errors: ABORTED LOST_RACE when the row is not as expected; those of libs/store.
class LedgerStore {
 public:
  LedgerStore(store::Database& database, store::Dispatcher& dispatcher, const core::Clock& clock)
      : database_(database), dispatcher_(dispatcher), clock_(clock) {}

  struct NewContact {
    std::string contact_id, conversation_id, channel, language;
    std::int64_t flow_epoch = 0;
    absl::Time enqueue_time;
    Placement placement;
  };
  struct Turn {
    std::string caller, aggregate;
    std::int64_t sequence = 0, previous = 0;
  };
  // The queue's epoch. A row that is further on already stays as it is.
  async::Task<absl::StatusOr<std::int64_t>> Enqueue(core::Deadline deadline, Turn turn, NewContact contact);
  async::Task<absl::Status> MarkLeft(core::Deadline deadline, Turn turn, std::string contact_id, bool left);

  // queued, epoch -> assigned, epoch + 1. OK with the row also if this very accept was written before.
  async::Task<absl::StatusOr<LedgerEntry>> Assign(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                                  std::string agent_id);
  // assigned, epoch -> closing. Idempotent for the same epoch.
  async::Task<absl::StatusOr<LedgerEntry>> Complete(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                                    std::string agent_id, std::int64_t handled_through,
                                                    absl::Duration wrap_up);
  // What channels answered to the closing: ended, or back to the agent (to the queue if `to_queue`).
  async::Task<absl::Status> Closed(core::Deadline deadline, std::string contact_id, std::int64_t epoch);
  async::Task<absl::Status> Reopened(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                     bool to_queue);
  // assigned, epoch -> queued, epoch + 1. Also used when an agent is removed.
  async::Task<absl::Status> Requeue(core::Deadline deadline, std::string contact_id, std::int64_t epoch,
                                    std::string agent_id, Placement placement, std::string note, RequestKey key);

  // Ends wrap-up with its outcome; OK when it had ended by itself.
  async::Task<absl::StatusOr<LedgerEntry>> FinishWrapUp(core::Deadline deadline, std::string contact_id,
                                                        std::string agent_id, std::string disposition, std::string note,
                                                        RequestKey key);
  // Once per contact; FAILED_PRECONDITION after that or after its end.
  async::Task<absl::StatusOr<LedgerEntry>> ExtendWrapUp(core::Deadline deadline, std::string contact_id,
                                                        std::string agent_id, absl::Duration by);

  // NOT_FOUND if it never was enqueued.
  async::Task<absl::StatusOr<LedgerEntry>> Get(core::Deadline deadline, std::string contact_id);
  // Rows that the live state must have, by contact id; and those of agents.
  async::Task<absl::StatusOr<std::vector<LedgerEntry>>> LivePage(core::Deadline deadline, std::string after, int limit);
  async::Task<absl::StatusOr<std::vector<LedgerEntry>>> OfAgents(core::Deadline deadline,
                                                                 std::vector<std::string> agent_ids);

  struct QueueCount {
    std::string queue;
    int waiting = 0, in_progress = 0;
    std::optional<absl::Time> longest_wait_start;
  };
  async::Task<absl::StatusOr<std::vector<QueueCount>>> CountQueues(core::Deadline deadline);

  struct AgentActivity {
    std::string agent_id, activity;
    std::int64_t version = 0;
    absl::Time since;
  };
  async::Task<absl::Status> SaveActivities(core::Deadline deadline, std::vector<AgentActivity> activities);
  async::Task<absl::StatusOr<std::vector<AgentActivity>>> LoadActivities(core::Deadline deadline);

  struct Generation {
    std::string value, run_id;
  };
  async::Task<absl::StatusOr<Generation>> LoadGeneration(core::Deadline deadline);
  async::Task<absl::Status> SaveGeneration(core::Deadline deadline, Generation generation);

 private:
  // Hand-offs of every change: who has it now (to channels), and the projection.
  void HandOver(store::Transaction& tx, const std::string& contact_id, std::string owner_payload);
  void Project(store::Transaction& tx, const std::string& contact_id);

  store::Database& database_;
  store::Dispatcher& dispatcher_;
  const core::Clock& clock_;
};

// Kinds of routing's hand-offs.
inline constexpr const char* kApplyOwnerKind = "apply_owner";
inline constexpr const char* kCloseKind = "close";
inline constexpr const char* kRecordWrapUpKind = "record_wrap_up";
inline constexpr const char* kProjectKind = "project";

}  // namespace haven::routing
