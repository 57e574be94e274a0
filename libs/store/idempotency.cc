#include "libs/store/idempotency.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/hash.h"

namespace haven::store {
namespace {

// A repeat that comes while the first still runs waits for it, before doing any of the work. Hashes may collide: then
// two strangers wait for each other, no more.
constexpr Statement kRequestLock{"request_lock",
                                 "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1::text ||"
                                 " ' ' || $2::text, 0))"};
constexpr Statement kRequestRead{
    "request_read", "SELECT request_hash, response FROM idempotency WHERE caller = $1 AND request_id = $2"};
constexpr Statement kRequestStore{
    "request_store", "INSERT INTO idempotency(caller, request_id, request_hash, response) VALUES ($1, $2, $3, $4)"};
constexpr Statement kRequestSweep{
    "request_sweep",
    "DELETE FROM idempotency WHERE (caller, request_id) IN (SELECT caller, request_id FROM"
    " idempotency WHERE created_time < now() - make_interval(secs => $1::int8)"
    " ORDER BY created_time LIMIT 1000 FOR UPDATE SKIP LOCKED)"};
constexpr std::int64_t kSweepBatch = 1000;

async::Task<absl::StatusOr<std::int64_t>> Sweep(core::Deadline deadline, Database* database, std::int64_t seconds) {
  std::int64_t total = 0;
  while (true) {
    const auto rows = co_await database->Query(deadline, kRequestSweep, Params().Int(seconds));
    if (!rows.ok()) co_return rows.status();
    total += rows->affected();
    if (rows->affected() < kSweepBatch) co_return total;
  }
}

}  // namespace

RequestRecord RequestRecord::Queue(Transaction& tx, std::string caller, std::string request_id,
                                   std::string_view request) {
  RequestRecord record;
  tx.Queue(kRequestLock, Params().Text(caller).Text(request_id));
  record.row_ = tx.Queue(kRequestRead, Params().Text(caller).Text(request_id));
  record.caller_ = std::move(caller);
  record.request_id_ = std::move(request_id);
  record.hash_ = Sha256(request);
  return record;
}

absl::StatusOr<std::optional<std::string>> RequestRecord::response() const {
  const Rows& rows = row_.rows();
  if (rows.empty()) return std::optional<std::string>();
  if (rows.BytesView(0, 0) != hash_) {
    return core::MakeError(absl::StatusCode::kAlreadyExists, errors::v1::REASON_ALREADY_EXISTS,
                           "request_id was used for another request");
  }
  return std::optional<std::string>(rows.Bytes(0, 1));
}

void RequestRecord::Store(Transaction& tx, std::string_view response) const {
  tx.Queue(kRequestStore, Params().Text(caller_).Text(request_id_).Bytes(hash_).Bytes(response));
}

async::Task<absl::StatusOr<std::int64_t>> SweepRequestRecords(core::Deadline deadline, Database& database,
                                                              std::chrono::hours keep) {
  return Sweep(deadline, &database, std::chrono::duration_cast<std::chrono::seconds>(keep).count());
}

}  // namespace haven::store
