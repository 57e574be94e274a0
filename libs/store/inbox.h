#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/store/database.h"

namespace haven::store {

// The callee's half of a hand-off: applies each sequence of (caller, aggregate) once and in order.
//   auto turn = InboxTurn::Queue(tx, "channels", contact_id, sequence, previous);
//   ... queue the reads ...  co_await tx.Flush();
//   switch (turn.outcome()) ... kFresh: queue the writes, turn.Record(tx, result), co_await tx.Commit()
class InboxTurn {
 public:
  enum class Outcome {
    kFresh,      // do the work, Record, Commit
    kDuplicate,  // done before: answer OK with result() (empty if older than the last one)
    kGap,        // an earlier one is missing: answer gap()
  };

  // Locks the row of (caller, aggregate) until the transaction ends: a concurrent turn waits for it.
  static InboxTurn Queue(Transaction& tx, std::string caller, std::string aggregate, std::int64_t sequence,
                         std::int64_t previous);

  // After the Flush.
  Outcome outcome() const;
  std::string result() const;
  // ABORTED REASON_SEQUENCE_GAP.
  absl::Status gap() const;
  // Queues the record of having done it. Only after kFresh.
  void Record(Transaction& tx, std::string_view result = {}) const;

 private:
  std::int64_t Last() const;

  std::string caller_, aggregate_;
  std::int64_t sequence_ = 0, previous_ = 0;
  Pending row_;
};

}  // namespace haven::store
