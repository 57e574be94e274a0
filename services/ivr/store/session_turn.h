#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/database.h"
#include "libs/store/inbox.h"
#include "libs/store/outbox.h"
#include "services/ivr/domain/engine.h"

namespace haven::ivr {

// A session as it is stored.
struct StoredSession {
  Session session;
  std::int64_t epoch = 0;
  std::int64_t last_sequence = 0;
  std::int64_t version = 0;
};

// One step of one contact's flow as a transaction in two round trips: the inbox and the session are read, then what was
// decided is written with its hand-offs. The session is compared and set on its version.
class SessionTurn {
 public:
  struct Arrival {
    std::string caller;
    std::string aggregate;
    std::int64_t sequence = 0;
    std::int64_t previous = 0;
  };

  static async::Task<absl::StatusOr<SessionTurn>> Begin(store::Database* database, store::Dispatcher* handoffs,
                                                        core::Deadline deadline, std::string contact_id,
                                                        Arrival arrival);

  // True if this hand-off was done before.
  bool duplicate() const { return inbox_->outcome() == store::InboxTurn::Outcome::kDuplicate; }
  const std::optional<StoredSession>& stored() const { return stored_; }

  void Save(const std::string& conversation_id, const StoredSession& stored, absl::Time now);
  void HandOff(std::string callee, std::string kind, std::string payload);
  async::Task<absl::Status> Commit();

 private:
  SessionTurn(store::Transaction tx, store::Dispatcher* handoffs, std::string contact_id);

  store::Transaction tx_;
  store::Dispatcher* handoffs_;
  std::string contact_id_;
  std::optional<store::InboxTurn> inbox_;
  std::optional<StoredSession> stored_;
};

// Deletes sessions of contacts that are long over; how many.
async::Task<absl::StatusOr<std::int64_t>> SweepSessions(store::Database* database, core::Deadline deadline,
                                                        absl::Time before);

}  // namespace haven::ivr
