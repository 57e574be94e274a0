#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/database.h"

namespace haven::store {

// Who did what to which object. No personal data, message text or number in any field: ids only.
struct AuditEntry {
  std::string actor;          // "user:<id>", "key:<prefix>", "service:routing"
  std::string action;         // "contact.transfer"
  std::string object;         // "contact:<id>"
  std::string detail = "{}";  // JSON
  absl::Time time;
};

// Queues the entry in the transaction of the change itself. The service's role may insert, never update or delete.
void AppendAudit(Transaction& tx, const AuditEntry& entry);

// The end of a schema's chain: everything up to `position` is fixed by `hash` (hex SHA-256).
struct AuditHead {
  std::int64_t position = 0;
  std::string hash;
};

struct LinkerOptions {
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds late_after{10000};    // an entry unlinked for so long is counted and noted
  std::chrono::hours head_every{24};              // how often on_head is called (and once at start)
  std::function<void(const AuditHead&)> on_head;  // writes the head to the log; empty: StoreMetrics::Note "audit_head"
};

class LinkerCore;

// Chains committed entries by SHA-256 after the fact, so that auditing never serialises commits. One is active per
// schema (an advisory lock); others stand by. Only entries of transactions older than every running one are linked, in
// order of (transaction, id): nothing can commit later in front of them.
class AuditLinker {
 public:
  AuditLinker(Database& database, LinkerOptions options);
  ~AuditLinker();
  AuditLinker(const AuditLinker&) = delete;
  AuditLinker& operator=(const AuditLinker&) = delete;

  void Start();
  async::Task<void> Stop(core::Deadline deadline);
  // One pass now: how many entries were linked. For tests and the shutdown.
  async::Task<absl::StatusOr<std::int64_t>> LinkOnce(core::Deadline deadline);

 private:
  std::shared_ptr<LinkerCore> core_;
};

struct AuditReport {
  AuditHead head;
  std::int64_t unlinked = 0;  // committed entries the linker has not reached yet
};

// Recomputes the whole chain. DATA_LOSS naming the first position that does not hold: an entry changed, deleted or
// slipped in, a link changed or missing, or `expected` (a head from the log) not on the chain. Blocking.
absl::StatusOr<AuditReport> VerifyAudit(const std::string& dsn, std::string_view schema,
                                        const std::optional<AuditHead>& expected = std::nullopt);

}  // namespace haven::store
