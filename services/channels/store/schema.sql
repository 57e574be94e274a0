-- People, conversations, contacts and messages. Every transaction that writes a message or changes a contact first locks the
-- conversation's row; that lock orders messages and endings, so the message path needs no foreign keys.
CREATE TABLE person (
  id uuid PRIMARY KEY,
  display_name text NOT NULL,
  language text NOT NULL,        -- chosen by the person; '' = unknown
  contact_count integer NOT NULL,
  created_time timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE conversation (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  channel smallint NOT NULL,     -- last used
  channel_key text NOT NULL,
  page_language text NOT NULL,
  last_sequence bigint NOT NULL, -- of its newest message
  seen bigint NOT NULL,          -- highest sequence the person has seen
  received bigint NOT NULL,      -- highest sequence that has arrived at the person's device
  version bigint NOT NULL,       -- grows with each change of it, its contacts and messages
  last_agent_id text NOT NULL,   -- who last completed a contact of it
  last_agent_time timestamptz,
  last_subject text NOT NULL,
  created_time timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX conversation_person ON conversation (person_id);

-- Numbers in channel, state, owner, kind, author, event and delivery are those of haven.channels.v1.
CREATE TABLE contact (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL,
  channel smallint NOT NULL,
  kind smallint NOT NULL,        -- 1 = messages; calls and consults come later and are not bound to one at a time
  state smallint NOT NULL,
  owner smallint NOT NULL,
  agent_id text NOT NULL,
  epoch bigint NOT NULL,
  queue text NOT NULL,
  subject text NOT NULL,
  language text NOT NULL,
  created_time timestamptz NOT NULL,
  end_time timestamptz,
  end_reason smallint NOT NULL,
  disposition text NOT NULL,
  person_left boolean NOT NULL,
  last_inbound bigint NOT NULL,    -- highest sequence of a message of the person in it
  handled_through bigint NOT NULL  -- what whoever ended it had seen
) WITH (fillfactor = 70);
-- Promise P3: at most one message contact is open per conversation and channel.
CREATE UNIQUE INDEX contact_one_open ON contact (conversation_id, channel) WHERE state = 1 AND kind = 1;
CREATE INDEX contact_conversation ON contact (conversation_id, created_time DESC, id DESC);

CREATE TABLE message (
  conversation_id uuid NOT NULL,
  sequence bigint NOT NULL,
  id uuid NOT NULL,
  contact_id uuid,
  author smallint NOT NULL,
  author_id text NOT NULL,
  author_name text NOT NULL,     -- of an agent at that time, for colleagues
  public_name text NOT NULL,     -- the same for the person
  kind smallint NOT NULL,
  text text NOT NULL,
  choice_ids text[],
  choice_titles text[],
  choice_id text NOT NULL,
  event smallint NOT NULL,
  created_time timestamptz NOT NULL,
  delivery smallint NOT NULL,
  request_id uuid,
  PRIMARY KEY (conversation_id, sequence)
);
-- A repeated request finds its first result.
CREATE UNIQUE INDEX message_request ON message (conversation_id, request_id) WHERE request_id IS NOT NULL;

-- What ties a conversation to agents (1) who hold or held a contact of it, and to queues (2) it was in: who may see it.
CREATE TABLE participation (
  conversation_id uuid NOT NULL,
  kind smallint NOT NULL,
  key text NOT NULL,
  created_time timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, kind, key)
);

-- Capability tokens of visitors, as SHA-256. `nonce` and `request_id` serve a repeated StartChat until the token is first used.
CREATE TABLE visitor (
  token_hash bytea PRIMARY KEY,
  conversation_id uuid NOT NULL,
  created_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  request_id uuid UNIQUE,
  nonce bytea
);
CREATE INDEX visitor_conversation ON visitor (conversation_id);
CREATE INDEX visitor_expiry ON visitor (expire_time);

-- Replies that agents have not sent yet.
CREATE TABLE draft (
  conversation_id uuid NOT NULL,
  user_id text NOT NULL,
  text text NOT NULL,
  updated_time timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);

-- Events not yet on the hub's stream; the relay deletes them after they are.
CREATE TABLE event_outbox (
  id uuid PRIMARY KEY,           -- of the event; sorts by time
  payload bytea NOT NULL,        -- haven.events.v1.Event
  created_time timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
