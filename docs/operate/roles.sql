-- Least rights for Reseolio, with four roles in place of one:
--
--   reseolio_owner      migrates: owns the schema. Use it for `reseolio migrate` only
--   reseolio_engine     the sidecars' role: reads and writes the tables, makes and drops daily partitions
--   reseolio_app        applications that call reseolio.enqueue and reseolio.cancel in their own transactions
--   reseolio_dashboard  people and tools that look: the views, for at most 5 s
--
-- Once, and again after every upgrade (it may be run as often as you like), in the database of the jobs:
--
--   1. psql -v ON_ERROR_STOP=1 -f roles.sql          as a superuser, or whoever owns the database and may create roles
--   2. reseolio migrate                              with --storage naming reseolio_owner
--   3. psql -v ON_ERROR_STOP=1 -f roles.sql          again: now there are tables to grant rights on
--   4. start the sidecars with --storage naming reseolio_engine
--
-- The roles are made without a password: give each one with \password. All sidecars use reseolio_engine: a takeover ends blocking sessions of
-- a dead node, which PostgreSQL allows to the same role. For another schema, replace the name "reseolio" in this file.

DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['reseolio_owner', 'reseolio_engine', 'reseolio_app', 'reseolio_dashboard'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', role);
    END IF;
  END LOOP;
END $$;

-- The owner is a member of the engine, never the other way round: views of the owner read the engine's tables, and migrations change them.
GRANT reseolio_engine TO reseolio_owner;
ALTER ROLE reseolio_dashboard SET statement_timeout = '5s';
ALTER ROLE reseolio_dashboard SET default_transaction_read_only = on;

CREATE SCHEMA IF NOT EXISTS reseolio AUTHORIZATION reseolio_owner;
REVOKE ALL ON SCHEMA reseolio FROM PUBLIC;
GRANT USAGE ON SCHEMA reseolio TO reseolio_app, reseolio_dashboard;
-- CREATE: the tables of tomorrow. DETACH … CONCURRENTLY, which drops those of last week without holding anybody up, needs their owner and
-- cannot be inside a function, so the engine owns the partitioned tables and nothing else.
GRANT USAGE, CREATE ON SCHEMA reseolio TO reseolio_engine;

DO $$
DECLARE
  it record;
BEGIN
  IF to_regclass('reseolio.migration') IS NULL THEN
    RAISE NOTICE 'no tables yet: run "reseolio migrate" as reseolio_owner, then this file again';
    RETURN;
  END IF;
  FOR it IN SELECT c.oid::regclass AS name FROM pg_class c
            WHERE c.relnamespace = 'reseolio'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname ~ '^(job|done|attempt|step)(_p[0-9]{8})?$' LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO reseolio_engine', it.name);
  END LOOP;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reseolio TO reseolio_engine;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA reseolio TO reseolio_engine;
  REVOKE INSERT, UPDATE, DELETE ON reseolio.migration FROM reseolio_engine;
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA reseolio TO reseolio_engine;

  -- What applications call runs as the engine, which has the rights on the tables and no more.
  ALTER FUNCTION reseolio.enqueue(text, text, jsonb) OWNER TO reseolio_engine;
  ALTER FUNCTION reseolio.cancel(uuid) OWNER TO reseolio_engine;
  GRANT EXECUTE ON FUNCTION reseolio.enqueue(text, text, jsonb), reseolio.enqueue(text, jsonb, jsonb), reseolio.cancel(uuid) TO reseolio_app;

  GRANT SELECT ON reseolio.jobs, reseolio.attempts, reseolio.steps, reseolio.nodes TO reseolio_dashboard;
  GRANT EXECUTE ON FUNCTION reseolio.status_word(int), reseolio.outcome_word(int), reseolio.readable(bytea, text) TO reseolio_dashboard;
END $$;
