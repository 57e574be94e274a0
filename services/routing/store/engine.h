#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "services/routing/domain/types.h"
#include "services/routing/store/commands.h"
#include "services/routing/store/evaluator.h"

namespace haven::routing {

// Where the engine finds a lane that Redis does not know (yet, or any more). Eligibility is one.
class LaneSource {
 public:
  virtual ~LaneSource() = default;
  virtual std::optional<LaneSpec> FindLane(const LaneId& lane) const = 0;
  // Of the configuration that FindLane answers from; grows with it. Lanes that Redis knows from an older one are
  // brought up to date when a contact of theirs is projected, so the sweep refreshes all that are in use.
  virtual std::int64_t lane_revision() const { return 0; }
};

enum class ProjectOutcome { kApplied, kSame, kStale };

// An accept under way: compare-and-set the ledger on `epoch`, then project the new row (which confirms).
struct AcceptTicket {
  ContactId contact{};
  std::int64_t epoch = 0;     // the queue's
  std::int64_t sequence = 0;  // of the row the offer was made from
  bool confirmed = false;     // accepted before by this agent: nothing more to do
};

struct ActivityChange {
  Activity activity{};
  std::int64_t version = 0;  // for the ledger; grows with each change
  Time since{};
};

struct TickResult {
  std::vector<Effect> effects{};
  bool more = false;  // due work is left: tick again at once
};

// One contact or agent of the live state, for the sweep.
struct LiveContact {
  ContactId contact{};
  std::int64_t epoch = 0;
  std::int64_t sequence = 0;
  char state = 0;  // q lane, i inbox, o offered, a accepting, g assigned, z closing, t tombstone
};
struct LiveContactPage {
  std::vector<LiveContact> contacts{};
  std::string next_cursor{};  // "0" after the last page. A contact may come twice; one that was there throughout comes.
};

struct LiveOffer {
  Reservation reservation{};
  ConversationId conversation{};
  QueueId queue{};
  Time enqueued_at{};
  Span remaining{0};
  bool accepting = false;
  bool direct = false;
};
struct LiveAssignment {
  ContactId contact{};
  ConversationId conversation{};
  QueueId queue{};
  std::int64_t epoch = 0;
  bool wrap_up = false;
  Span remaining{0};  // of wrap-up
};
struct LiveAgent {
  AgentId agent{};
  bool known = false;  // false: never configured; the rest is empty
  Activity activity{};
  std::int64_t activity_version = 0;
  Time activity_since{};
  bool present = false;
  std::int64_t version = 0;  // grows with each change of the agent, also over a loss of data
  std::vector<LiveOffer> offers{};
  std::vector<LiveAssignment> assignments{};
};

struct Generation {
  std::string value{};   // empty: live state is being restored, nothing is matched
  std::string run_id{};  // of the Redis that it was written on
};

// The live engine: every call is one atomic script on the hub's Redis (model.h says what it does). Stateless; one per
// process, on the loop.
//
// Errors besides the evaluator's own: ABORTED LOST_RACE (the offer is over), FAILED_PRECONDITION WRONG_STATE,
// NOT_FOUND, RESOURCE_EXHAUSTED OVERLOADED (a bound of types.h), UNAVAILABLE RESTORING (not found while restoring),
// INTERNAL BUG. After an error whose outcome is unknown every call may be repeated as it is.
class Engine {
 public:
  // All referred to outlive the engine. `wake` is called when due work is left over: it should make Tick run soon.
  Engine(Evaluator& evaluator, const core::Clock& clock, std::string hub, const LaneSource& lanes,
         std::function<void()> wake);

  // Configuration: lanes first, then agents. Older revisions are ignored.
  async::Task<absl::Status> UpsertLane(core::Deadline deadline, LaneSpec lane);
  // FAILED_PRECONDITION while contacts wait in it.
  async::Task<absl::Status> RemoveLane(core::Deadline deadline, LaneId lane, std::int64_t revision);
  async::Task<absl::Status> UpsertAgent(core::Deadline deadline, AgentSpec agent);
  // Its offers return to their places; what it was assigned stays the ledger's matter.
  async::Task<absl::Status> RemoveAgent(core::Deadline deadline, AgentId agent, std::int64_t revision);

  // Brings the live state to a ledger row: enqueue, confirm, complete, transfer, leave, reprioritise, end and repair
  // are this one call. A newly queued contact is offered at once where somebody is free. The sweep repeats it with
  // unchanged rows.
  async::Task<absl::StatusOr<ProjectOutcome>> Project(core::Deadline deadline, LedgerRow row);

  // offered -> accepting. Idempotent for the same agent.
  async::Task<absl::StatusOr<AcceptTicket>> AcceptBegin(core::Deadline deadline, Reservation reservation,
                                                        AgentId agent);
  // accepting -> back to its place; only after the ledger was read and still says queued with this epoch.
  async::Task<absl::Status> AcceptUndo(core::Deadline deadline, Reservation reservation);
  // Back to its place; the agent stays as it is and is not asked for this contact during `hold`.
  async::Task<absl::Status> Decline(core::Deadline deadline, Reservation reservation, AgentId agent, Span hold);
  async::Task<absl::Status> Revoke(core::Deadline deadline, Reservation reservation, Span hold);

  // Moves the end of a wrap-up; zero ends it. OK if it had ended already.
  async::Task<absl::Status> SetWrapUp(core::Deadline deadline, WrapUp wrap_up, ContactId contact);

  // A change made now: answers its version, for the ledger. The same activity again changes nothing.
  async::Task<absl::StatusOr<ActivityChange>> SetActivity(core::Deadline deadline, AgentId agent, Activity activity);
  // From the ledger: applied if newer than what is known.
  async::Task<absl::Status> RestoreActivity(core::Deadline deadline, AgentId agent, Activity activity,
                                            std::int64_t version);

  // Present for `ttl` more. False: an older lease number than the connection's last, ignored.
  async::Task<absl::StatusOr<bool>> AssertPresence(core::Deadline deadline, AgentId agent, ConnectionId connection,
                                                   std::int64_t lease, Span ttl);
  // Ends this connection's lease after `grace`; an older lease number is ignored.
  async::Task<absl::Status> ReleasePresence(core::Deadline deadline, AgentId agent, ConnectionId connection,
                                            std::int64_t lease, Span grace);

  // Does what is due, at most `limit` deadlines (1 to 128). Any number of processes may tick.
  async::Task<absl::StatusOr<TickResult>> Tick(core::Deadline deadline, int limit = 32);

  // Restoring. Nothing is matched until SetReady; then SweepAgent for each agent starts the matching.
  async::Task<absl::StatusOr<Generation>> ReadGeneration(core::Deadline deadline);
  // The one reconciler: true if `owner` has the lease for `ttl` from now.
  async::Task<absl::StatusOr<bool>> AcquireReconcile(core::Deadline deadline, std::string owner, Span ttl);
  async::Task<absl::Status> SetReady(core::Deadline deadline, Generation generation);

  // Sweep: contacts by Project, agents by this. Corrects what a fault left and matches.
  async::Task<absl::Status> SweepAgent(core::Deadline deadline, AgentId agent);
  async::Task<absl::StatusOr<LiveContactPage>> ListContacts(core::Deadline deadline, std::string cursor, int page_size);
  async::Task<absl::StatusOr<LiveAgent>> ReadAgent(core::Deadline deadline, AgentId agent);

 private:
  struct Answer;
  async::Task<absl::StatusOr<Answer>> Run(core::Deadline deadline, command::Command command);
  async::Task<absl::Status> Do(core::Deadline deadline, command::Command command);

  Evaluator& evaluator_;
  const core::Clock& clock_;
  std::string prefix_;
  std::string events_;
  const LaneSource& lanes_;
  std::function<void()> wake_;
};

}  // namespace haven::routing
