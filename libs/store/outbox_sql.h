#pragma once

// Private to libs/store: the statements of the outbox. README.md holds the invariants they keep.

#include "libs/store/statement.h"

namespace haven::store::outbox {

// $1 aggregate, $2 callee, $3 kind, $4 payload, $5 dispatcher or '', $6 lease in milliseconds.
// The upsert locks the aggregate: rows of one aggregate commit in the order of their positions. The row is held by this
// dispatcher only if nobody else can hold an earlier one: no foreign row is left, and the one who wrote last is either
// this dispatcher or committed before this statement's snapshot (else its row could be there unseen).
constexpr Statement kAppend{"outbox_append", R"sql(
WITH next AS (
  INSERT INTO outbox_sequence AS s (aggregate, position, callees, owner, last_xid)
  VALUES ($1, 1, jsonb_build_object($2::text, '[1, 0, 1]'::jsonb), $5::text, pg_current_xact_id())
  ON CONFLICT (aggregate) DO UPDATE SET
    position = s.position + 1,
    callees = s.callees || jsonb_build_object($2::text, jsonb_build_array(
      coalesce((s.callees->($2::text)->>0)::bigint, 0) + 1,
      coalesce((s.callees->($2::text)->>2)::bigint, 0),
      coalesce((s.callees->($2::text)->>0)::bigint, 0) + 1)),
    last_xid = pg_current_xact_id(),
    owner = CASE
      WHEN s.last_xid = pg_current_xact_id() THEN s.owner
      WHEN (s.owner = $5::text OR pg_visible_in_snapshot(s.last_xid, pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.aggregate = $1 AND o.owner <> $5::text) THEN $5::text
      ELSE '' END
  RETURNING position, owner, (callees->($2::text)->>0)::bigint AS sequence, (callees->($2::text)->>1)::bigint AS previous)
INSERT INTO outbox (aggregate, position, callee, sequence, previous, kind, payload, owner, due_time)
SELECT $1, position, $2::text, sequence, previous, $3, $4, owner,
       CASE owner WHEN '' THEN now() ELSE now() + make_interval(secs => $6::int8 / 1000.0) END
FROM next
RETURNING position, sequence, previous, owner <> '', created_time)sql"};

#define HAVEN_OUTBOX_COLUMNS \
  "t.aggregate, t.position, t.callee, t.sequence, t.previous, t.kind, t.payload, t.created_time, t.attempts"

// $1 dispatcher, $2 lease in ms, $3 most aggregates, $4 callees not to be called now. Takes the heads that are due, and
// the rows behind them, whoever held those: only the head's holder may deliver.
constexpr Statement kClaim{
    "outbox_claim",
    "WITH heads AS (SELECT o.aggregate, o.position FROM outbox o WHERE o.due_time <= now()"
    "   AND NOT EXISTS (SELECT FROM outbox e WHERE e.aggregate = o.aggregate"
    "     AND e.position < o.position)"
    "   AND o.callee <> ALL($4::text[])"
    "   ORDER BY o.due_time LIMIT $3 FOR UPDATE OF o SKIP LOCKED)"
    " UPDATE outbox t SET owner = $1, due_time = now() + make_interval(secs => $2::int8 / 1000.0)"
    " FROM heads h WHERE t.aggregate = h.aggregate AND t.position < h.position + 32"
    " RETURNING " HAVEN_OUTBOX_COLUMNS};

// $1 dispatcher, $2 lease in ms, $3 aggregate: all its rows, unless its head is another dispatcher's and not due.
constexpr Statement kClaimOne{"outbox_claim_one",
                              "WITH head AS (SELECT o.owner IN ($1::text, '') OR o.due_time <= now() AS free"
                              "   FROM outbox o WHERE o.aggregate = $3 ORDER BY o.position LIMIT 1)"
                              " UPDATE outbox t SET owner = $1::text,"
                              "   due_time = now() + make_interval(secs => $2::int8 / 1000.0)"
                              " FROM head WHERE head.free AND t.aggregate = $3"
                              " RETURNING " HAVEN_OUTBOX_COLUMNS};

#undef HAVEN_OUTBOX_COLUMNS

// $1 dispatcher, $2 aggregate, $3 the head's position, $4 its attempts, $5 ms until it is due. Gives the aggregate up.
constexpr Statement kPutBack{
    "outbox_put_back",
    "UPDATE outbox SET owner = '',"
    " attempts = CASE position WHEN $3::int8 THEN $4::int ELSE attempts END,"
    " due_time = CASE position WHEN $3::int8 THEN now() + make_interval(secs => $5::int8 / 1000.0)"
    "   ELSE now() END"
    " WHERE aggregate = $2 AND owner = $1::text"};

// $1 dispatcher: gives everything up.
constexpr Statement kGiveUp{"outbox_give_up",
                            "UPDATE outbox SET owner = '', due_time = least(due_time, now()) WHERE owner = $1::text"};

// $1 aggregates, $2 positions.
constexpr Statement kDelete{"outbox_delete",
                            "DELETE FROM outbox o USING unnest($1::text[], $2::int8[]) AS d(aggregate, position)"
                            " WHERE o.aggregate = d.aggregate AND o.position = d.position"};

// Taking a refused row out of the chain of its callee: $1 aggregate, $2 callee, $3 its sequence, $4 its previous.
constexpr Statement kLock{"outbox_lock", "SELECT 1 FROM outbox_sequence WHERE aggregate = $1 FOR UPDATE"};
constexpr Statement kSkip{"outbox_skip",
                          "UPDATE outbox SET previous = $4 WHERE aggregate = $1 AND callee = $2 AND previous = $3"};
constexpr Statement kSkipTail{
    "outbox_skip_tail",
    "UPDATE outbox_sequence SET callees = jsonb_set(callees, ARRAY[$2::text, '2'], to_jsonb($4::int8))"
    " WHERE aggregate = $1 AND (callees->($2::text)->>2)::int8 = $3::int8"};
// Fails (haven.require) if the row is gone: somebody else has dealt with it. $1 aggregate, $2 position.
constexpr Statement kRemove{"outbox_remove",
                            "WITH d AS (DELETE FROM outbox WHERE aggregate = $1 AND position = $2 RETURNING 1)"
                            " SELECT haven.require((SELECT count(*) FROM d) = 1, 'outbox_row')"};
constexpr Statement kRecordRefusal{
    "outbox_record_refusal",
    "INSERT INTO outbox_refused(aggregate, callee, sequence, kind, code, message) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT DO NOTHING"};

constexpr Statement kDepth{"outbox_depth",
                           "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_time)), 0)::float8"
                           " FROM outbox"};

}  // namespace haven::store::outbox
