-- The hub's configuration as applied: one row. `spec` is a HubSpec without its users.
CREATE TABLE hub (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  version bigint NOT NULL,  -- grows by one with each change; 0: nothing applied yet
  spec bytea NOT NULL,
  apply_time timestamptz NOT NULL
);
INSERT INTO hub (version, spec, apply_time) VALUES (0, '', now());

-- Everybody who was ever in a spec; never deleted, because history refers to them.
CREATE TABLE users (
  id uuid PRIMARY KEY,
  username text NOT NULL UNIQUE,
  spec bytea NOT NULL,           -- UserSpec, without password reference
  absent boolean NOT NULL,       -- not in the spec in force
  disabled boolean NOT NULL,     -- may not sign in: absent, or disabled in the spec
  password_hash text,            -- Argon2id, encoded; NULL: no sign-in
  client_key bytea,              -- what a browser keeps unsent is encrypted under it; made when first asked for
  create_time timestamptz NOT NULL
);

-- Sign-in sessions, by hash of their secret. Deleted some time after they have ended.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users,
  secret_hash bytea NOT NULL UNIQUE,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  last_use_time timestamptz NOT NULL,
  end_time timestamptz           -- signed out or revoked
);
CREATE INDEX session_live ON session (user_id) WHERE end_time IS NULL;
CREATE INDEX session_expiry ON session (expire_time);

-- Keys of programs, by their shown part; kept after their end, because audit entries refer to them.
CREATE TABLE api_key (
  prefix text PRIMARY KEY,
  secret_hash bytea NOT NULL,
  description text NOT NULL,
  scopes text[] NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  revoke_time timestamptz,
  last_use_time timestamptz
);
CREATE INDEX api_key_newest ON api_key (create_time DESC, prefix);

-- Attempts to sign in, by name and by source. Both as keyed hashes: people type passwords where names belong.
CREATE TABLE sign_in_attempt (
  subject bytea PRIMARY KEY,
  failures int NOT NULL,
  last_time timestamptz NOT NULL,
  blocked_until timestamptz,
  forget_time timestamptz NOT NULL  -- says nothing more after this
);
CREATE INDEX sign_in_attempt_forget ON sign_in_attempt (forget_time);
