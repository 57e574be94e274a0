-- One row per aggregate: its lock, and where its hand-offs stand. `callees` maps a callee to [sequence, previous, tail]:
-- the last sequence given out, the `previous` given with it, and the last sequence not refused for good.
CREATE TABLE outbox_sequence (
  aggregate text PRIMARY KEY,
  position bigint NOT NULL,
  callees jsonb NOT NULL,
  owner text NOT NULL,    -- dispatcher that holds the last row; '' = none
  last_xid xid8 NOT NULL  -- transaction of the last row
) WITH (fillfactor = 70);

-- Hand-offs not yet done. `position` orders an aggregate's rows over all callees, `sequence` those to one callee.
-- Nobody but `owner` touches a row before due_time.
CREATE TABLE outbox (
  aggregate text NOT NULL,
  position bigint NOT NULL,
  callee text NOT NULL,
  sequence bigint NOT NULL,
  previous bigint NOT NULL,
  kind text NOT NULL,
  payload bytea NOT NULL,
  created_time timestamptz NOT NULL DEFAULT now(),
  attempts int NOT NULL DEFAULT 0,
  owner text NOT NULL,
  due_time timestamptz NOT NULL,
  PRIMARY KEY (aggregate, position)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX outbox_due ON outbox (due_time);

-- Hand-offs refused for good, for operators; without their payload.
CREATE TABLE outbox_refused (
  aggregate text NOT NULL,
  callee text NOT NULL,
  sequence bigint NOT NULL,
  kind text NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  refused_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (aggregate, callee, sequence)
);

-- The callee's half: the last hand-off applied, with its result.
CREATE TABLE inbox (
  caller text NOT NULL,
  aggregate text NOT NULL,
  last bigint NOT NULL,
  result bytea NOT NULL,
  updated_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, aggregate)
) WITH (fillfactor = 80);

CREATE TABLE idempotency (
  caller text NOT NULL,
  request_id text NOT NULL,
  request_hash bytea NOT NULL,
  response bytea NOT NULL,
  created_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, request_id)
);
CREATE INDEX idempotency_created ON idempotency (created_time);

-- json, not jsonb: its text is hashed and must come back as it was given.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  time timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  detail json NOT NULL,
  written_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_order ON audit (xid, id);

CREATE TABLE audit_chain (
  position bigint PRIMARY KEY,
  audit_id bigint NOT NULL UNIQUE,
  xid xid8 NOT NULL,  -- of the entry: where the next pass begins
  hash bytea NOT NULL
);
REVOKE UPDATE, DELETE, TRUNCATE ON audit, audit_chain FROM {{role}};
