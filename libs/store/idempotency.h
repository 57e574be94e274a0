#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/store/database.h"

namespace haven::store {

// Results of calls that carry a request_id, kept so that a repeat gets the first answer.
//   auto seen = RequestRecord::Queue(tx, caller, request_id, serialized_request);
//   co_await tx.Flush();
//   auto earlier = seen.response();   // error: same id, other request; value: answer with it; nullopt: do the work
//   ... seen.Store(tx, serialized_response); co_await tx.Commit();
class RequestRecord {
 public:
  // `request` is hashed (SHA-256), not kept. A repeat waits for the transaction of the first.
  static RequestRecord Queue(Transaction& tx, std::string caller, std::string request_id, std::string_view request);

  // After the Flush. ALREADY_EXISTS if the id was used for another request.
  absl::StatusOr<std::optional<std::string>> response() const;
  // Queues the answer.
  void Store(Transaction& tx, std::string_view response) const;

 private:
  std::string caller_, request_id_, hash_;
  Pending row_;
};

// Deletes records older than `keep`, in batches; returns how many. To be called now and then (hourly).
async::Task<absl::StatusOr<std::int64_t>> SweepRequestRecords(core::Deadline deadline, Database& database,
                                                              std::chrono::hours keep = std::chrono::hours(24 * 7));

}  // namespace haven::store
