-- What all schemas share. Run as haven_owner at every start; everything here is idempotent.
CREATE SCHEMA IF NOT EXISTS haven;
GRANT USAGE ON SCHEMA haven TO PUBLIC;
CREATE TABLE IF NOT EXISTS haven.migrations (
  schema text NOT NULL,
  version int NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema, version)
);
-- Ends the transaction with ABORTED "what" unless `holds`: lets a compare-and-set ride in the same flush as its commit.
--   WITH u AS (UPDATE ledger SET ... WHERE id = $1 AND epoch = $2 RETURNING 1)
--   SELECT haven.require((SELECT count(*) FROM u) = 1, 'ledger_epoch')
CREATE OR REPLACE FUNCTION haven.require(holds boolean, what text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'HV001', MESSAGE = what;
  END IF;
  RETURN true;
END
$body$;
