#include "libs/store/inbox.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::store {
namespace {

constexpr Statement kInboxRead{"inbox_read",
                               "SELECT last, result FROM inbox WHERE caller = $1 AND aggregate = $2 FOR UPDATE"};
// Before the read, for the first of a chain: so two concurrent first turns wait for each other, and the second is a
// duplicate, before either has done any of the work.
constexpr Statement kInboxFirst{"inbox_first",
                                "INSERT INTO inbox(caller, aggregate, last, result) VALUES ($1, $2, 0, '')"
                                " ON CONFLICT (caller, aggregate) DO NOTHING"};
constexpr Statement kInboxRecord{"inbox_record",
                                 "UPDATE inbox SET last = $3, result = $4, updated_time = now()"
                                 " WHERE caller = $1 AND aggregate = $2"};

}  // namespace

InboxTurn InboxTurn::Queue(Transaction& tx, std::string caller, std::string aggregate, std::int64_t sequence,
                           std::int64_t previous) {
  InboxTurn turn;
  if (previous == 0) tx.Queue(kInboxFirst, Params().Text(caller).Text(aggregate));
  turn.row_ = tx.Queue(kInboxRead, Params().Text(caller).Text(aggregate));
  turn.caller_ = std::move(caller);
  turn.aggregate_ = std::move(aggregate);
  turn.sequence_ = sequence;
  turn.previous_ = previous;
  return turn;
}

std::int64_t InboxTurn::Last() const {
  return row_.rows().empty() ? 0 : row_.rows().Int(0, 0);
}

InboxTurn::Outcome InboxTurn::outcome() const {
  if (sequence_ <= Last()) return Outcome::kDuplicate;
  return previous_ <= Last() ? Outcome::kFresh : Outcome::kGap;
}

std::string InboxTurn::result() const {
  return sequence_ == Last() ? row_.rows().Bytes(0, 1) : std::string();
}

absl::Status InboxTurn::gap() const {
  return core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_SEQUENCE_GAP,
                         "a hand-off before this one is missing",
                         {{"last", std::to_string(Last())}, {"sequence", std::to_string(sequence_)}});
}

void InboxTurn::Record(Transaction& tx, std::string_view result) const {
  tx.Queue(kInboxRecord, Params().Text(caller_).Text(aggregate_).Int(sequence_).Bytes(result));
}

}  // namespace haven::store
