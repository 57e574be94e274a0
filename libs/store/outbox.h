#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/core/ids.h"
#include "libs/store/database.h"

// Durable hand-off of work from this service to another (README.md: invariants).
namespace haven::store {

// Work for another service, written in the transaction of the change that causes it.
struct Handoff {
  std::string aggregate;  // what must stay in order, e.g. the contact's id
  std::string callee;     // the service that acts, e.g. "routing"
  std::string kind;       // which handler delivers it, e.g. "enqueue"
  std::string payload;    // the handler's own bytes, as a rule a serialised protobuf
};

// A committed hand-off. (aggregate, sequence, previous) travel to the callee, which gives them to Inbox.
struct OutboxRow {
  std::string aggregate;
  std::string callee;
  std::int64_t sequence = 0;  // 1, 2, ... per (aggregate, callee), without gaps
  std::int64_t previous = 0;  // the one before that was not refused for good; 0 = none. sequence - 1 as a rule
  std::string kind;
  std::string payload;
  absl::Time created;
  int attempts = 0;  // deliveries that failed before this one
};

// How one kind of hand-off is delivered.
struct HandoffKind {
  // Calls the callee. OK only after the callee has committed. UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED,
  // RESOURCE_EXHAUSTED and CANCELLED are repeated with back-off for ever; INTERNAL, UNKNOWN, UNIMPLEMENTED,
  // UNAUTHENTICATED, PERMISSION_DENIED and DATA_LOSS up to max_attempts; all others are refusals at once.
  std::function<async::Task<absl::Status>(core::Deadline, OutboxRow)> deliver;
  // The fall-back for a row refused for good: queues its writes (and further hand-offs) in the transaction that
  // removes the row. An error leaves the row, to be tried again. Empty: the row is only removed and counted.
  std::function<async::Task<absl::Status>(Transaction&, OutboxRow, absl::Status)> on_refused;
};

struct DispatcherOptions {
  // Stable over restarts of this process and different from its siblings' ("single", the pod's name): a restarted
  // process takes up its own rows at once instead of after `lease`. Empty = random.
  std::string instance;
  int concurrency = 64;  // deliveries in flight, over all callees
  int max_held = 4096;   // rows held in memory; the others wait in the table
  std::chrono::milliseconds delivery_timeout{10000};
  std::chrono::milliseconds poll_interval{1000};
  std::chrono::milliseconds lease{15000};  // longer than delivery_timeout
  std::chrono::milliseconds min_backoff{50};
  std::chrono::milliseconds max_backoff{5000};
  int max_attempts = 8;
};

class DispatcherCore;

// Delivers the hand-offs of one schema: at once after their commit, from memory; those of dead or overloaded processes
// by polling. Per (aggregate, callee) in order and one at a time; a row is deleted only after its OK. Several
// processes may run one for the same schema: rows are leased, and the callee's inbox makes a rare double harmless.
// Lives on the loop.
class Dispatcher {
 public:
  Dispatcher(Database& database, DispatcherOptions options, core::Random& random = core::SystemRandom());
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Before Start. `kind` is the hand-off's kind.
  void Register(std::string kind, HandoffKind handler);
  void Start();
  // Takes nothing new, waits for deliveries in flight and their deletion, gives up its leases. Call before the
  // database closes.
  async::Task<void> Drain(core::Deadline deadline);

  // Queues the row in `tx`; it is delivered after the commit.
  void Append(Transaction& tx, Handoff handoff);

  // Rows held in memory now.
  std::size_t held() const;

 private:
  std::shared_ptr<DispatcherCore> core_;
};

// For a process that writes hand-offs but runs no Dispatcher: another process's poll finds them within its interval.
void AppendHandoff(Transaction& tx, Handoff handoff);

}  // namespace haven::store
