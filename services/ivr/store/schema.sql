-- Running flows, one per contact. Texts of people are never here: answers are kept as keys of the hub's configuration.
CREATE TABLE session (
  contact_id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL,
  epoch bigint NOT NULL,
  flow text NOT NULL,
  flow_version integer NOT NULL,
  state smallint NOT NULL,          -- 1 running, 2 handed over, 3 ended
  node text NOT NULL,               -- the question that waits
  misses integer NOT NULL,          -- answers to it that were not understood
  variable_names text[] NOT NULL,
  variable_values text[] NOT NULL,
  last_sequence bigint NOT NULL,    -- of the last message stepped
  version bigint NOT NULL,          -- compared and set with each step
  updated_time timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX session_updated ON session (updated_time);
