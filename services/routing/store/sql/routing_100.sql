-- The ledger: what must last of routing. Redis is a projection of its rows that are not done.
CREATE TABLE ledger (
  contact_id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL,
  channel text NOT NULL,
  queue text NOT NULL,
  -- "skill:level", besides what the queue asks of every contact.
  skills text[] NOT NULL,
  language text NOT NULL,
  state smallint NOT NULL,       -- 1 queued, 2 assigned, 3 closing, 4 ended
  epoch bigint NOT NULL,         -- counts owners
  sequence bigint NOT NULL,      -- counts changes of this row: the newest is projected
  agent_id uuid,                 -- assigned, closing
  enqueued_time timestamptz NOT NULL,
  queued_time timestamptz NOT NULL,  -- of this epoch's wait
  assigned_time timestamptz,
  ended_time timestamptz,
  priority_seconds int NOT NULL,
  person_left boolean NOT NULL DEFAULT false,
  -- First this agent until then; if_away waits for them also while they receive no offers.
  preferred_agent_id uuid,
  preferred_until timestamptz,
  preferred_if_away boolean NOT NULL DEFAULT false,
  -- Agents who passed it on are not asked first again.
  avoid_agent_id uuid,
  avoid_until timestamptz,
  handled_through bigint NOT NULL DEFAULT 0,
  wrap_up_agent_id uuid,
  wrap_up_epoch bigint NOT NULL DEFAULT 0,
  wrap_up_end timestamptz,
  wrap_up_extended boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);

-- What the live state consists of; small however long the hub has run.
CREATE INDEX ledger_live ON ledger (contact_id) WHERE state < 4;
CREATE INDEX ledger_wrap_up ON ledger (wrap_up_end) WHERE wrap_up_end IS NOT NULL;
CREATE INDEX ledger_agent ON ledger (agent_id) WHERE state IN (2, 3);

-- Activities outlive the live store. Written after it, the newest version wins.
CREATE TABLE agent_state (
  agent_id uuid PRIMARY KEY,
  activity text NOT NULL,
  version bigint NOT NULL,
  since timestamptz NOT NULL
) WITH (fillfactor = 70);

-- One row: which life of Redis was restored last.
CREATE TABLE live_generation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  generation text NOT NULL,
  run_id text NOT NULL
);
