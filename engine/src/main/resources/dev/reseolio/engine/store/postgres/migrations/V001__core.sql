-- The core tables. PostgreSQL 14 and later; no extension, no superuser. ${schema} is the quoted schema name.
-- docs/storage.md explains every table and who writes it.

-- Registries. A lane is what a job carries: one function in one queue.
CREATE TABLE ${schema}.function (
  id   int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255)
);
CREATE TABLE ${schema}.lane (
  id       int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  function int  NOT NULL REFERENCES ${schema}.function,
  queue    text NOT NULL CHECK (length(queue) BETWEEN 1 AND 255),
  UNIQUE (function, queue)
);

-- One row per incarnation of a sidecar. Its id owns jobs; id and token together are the fence.
CREATE TABLE ${schema}.node (
  id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token      uuid        NOT NULL,
  state      smallint    NOT NULL DEFAULT 1 CHECK (state IN (1, 2, 3)),  -- 1 live, 2 fenced, 3 settled: owns nothing any more
  name       text        NOT NULL,
  version    text        NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at   timestamptz,
  taken_by   int                                                        -- the node that took over; null: stopped by itself
);
CREATE INDEX node_live ON ${schema}.node (id) WHERE state < 3;
-- Beside the node row, so that its many dead versions never touch the row every flush locks.
CREATE TABLE ${schema}.node_beat (
  node   int PRIMARY KEY,
  beat   bigint NOT NULL,            -- a counter: watchers age its changes by their own clock
  low_id uuid   NOT NULL,            -- no unfinished job that this node holds without a lease row has a smaller id
  offers int[]  NOT NULL DEFAULT '{}' -- functions its workers run
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- What was asked for: written once, never changed. A job that is in none of done, ready, timer and lease is leased to its owner.
CREATE TABLE ${schema}.job (
  id           uuid        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  lane         int         NOT NULL,
  owner        int,                        -- the node that inserted it already leased to itself
  priority     smallint    NOT NULL CHECK (priority BETWEEN 0 AND 9),
  max_attempts smallint    NOT NULL CHECK (max_attempts BETWEEN 1 AND 10000),
  timeout_ms   bigint      NOT NULL CHECK (timeout_ms > 0),
  backoff      text,                       -- null: the default
  run_at       timestamptz,                -- null: due when created
  deadline_at  timestamptz,
  key          text CHECK (length(key) BETWEEN 1 AND 255),
  tags         text[],
  args_type    text,                       -- null: application/json
  args         bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX job_lane ON ${schema}.job (lane, id);

-- How a job ended: written once. The primary key is the gate that lets one outcome through.
CREATE TABLE ${schema}.done (
  id            uuid        NOT NULL,
  finished_at   timestamptz NOT NULL DEFAULT now(),
  started_at    timestamptz,
  lane          int         NOT NULL,
  owner         int,
  status        smallint    NOT NULL CHECK (status IN (5, 6, 7)),  -- 5 succeeded, 6 dead, 7 cancelled
  attempt       smallint    NOT NULL,
  failures      smallint    NOT NULL DEFAULT 0,
  crashes       smallint    NOT NULL DEFAULT 0,
  outcome       smallint    NOT NULL,      -- of the last attempt, as in attempt; 0: it never ran
  result_type   text,                      -- null: application/json
  result        bytea,
  error_type    text,
  error_message text,
  error_stack   text,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX done_unsuccessful ON ${schema}.done (status, id) WHERE status <> 5;

-- Executions that ended without ending the job.
CREATE TABLE ${schema}.attempt (
  job           uuid        NOT NULL,
  attempt       smallint    NOT NULL,
  lane          int         NOT NULL,
  owner         int,
  outcome       smallint    NOT NULL CHECK (outcome BETWEEN 1 AND 7), -- 2 failed, 3 timed out, 4 worker lost, 5 node lost, 6 released, 7 cancelled
  started_at    timestamptz,
  ended_at      timestamptz NOT NULL DEFAULT now(),
  retry_at      timestamptz,               -- null: at once
  failures      smallint    NOT NULL,      -- charged so far, this attempt included
  crashes       smallint    NOT NULL,
  error_type    text,
  error_message text,
  error_stack   text,
  PRIMARY KEY (job, attempt)
) PARTITION BY RANGE (job);

-- The only tables that rows leave again: narrow, no payload. attempt is the number of the next (ready, timer) or current (lease) execution.
CREATE TABLE ${schema}.ready (
  lane     int      NOT NULL,
  priority smallint NOT NULL,
  seq      bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
  id       uuid     NOT NULL,
  attempt  smallint NOT NULL,
  failures smallint NOT NULL,
  crashes  smallint NOT NULL,
  PRIMARY KEY (lane, priority, seq)
);
CREATE UNIQUE INDEX ready_id ON ${schema}.ready (id);
CREATE TABLE ${schema}.timer (
  run_at   timestamptz NOT NULL,
  id       uuid        NOT NULL,
  lane     int         NOT NULL,
  priority smallint    NOT NULL,
  attempt  smallint    NOT NULL,
  failures smallint    NOT NULL,
  crashes  smallint    NOT NULL,
  PRIMARY KEY (run_at, id)
);
CREATE UNIQUE INDEX timer_id ON ${schema}.timer (id);
-- No index on owner: with one, deleting by id and owner would walk every dead entry of that owner.
CREATE TABLE ${schema}.lease (
  id         uuid PRIMARY KEY,
  lane       int         NOT NULL,
  owner      int         NOT NULL,
  attempt    smallint    NOT NULL,
  failures   smallint    NOT NULL,
  crashes    smallint    NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now()
);
-- Jobs with a total deadline, until it is over.
CREATE TABLE ${schema}.deadline (
  at timestamptz NOT NULL,
  id uuid        NOT NULL,
  PRIMARY KEY (at, id)
);
-- Cancellations of running jobs, until the owner has seen them.
CREATE TABLE ${schema}.cancel_request (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE ${schema}.ready SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_threshold = 1000000000, vacuum_truncate = off);
ALTER TABLE ${schema}.lease SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_threshold = 1000000000, vacuum_truncate = off);
ALTER TABLE ${schema}.timer SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off);

-- Idempotency keys live on their own time to live, independent of how long jobs are kept.
CREATE TABLE ${schema}.job_key (
  function   int         NOT NULL,
  key        text        NOT NULL,
  id         uuid        NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (function, key)
);
CREATE INDEX job_key_expires ON ${schema}.job_key USING brin (expires_at);

-- The smallest id (UUID version 7) of a moment: the bounds of partitions.
CREATE FUNCTION ${schema}.id_of(t timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT rpad(lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0'), 32, '0')::uuid $$;

-- A new id (UUID version 7) for rows made in SQL; PostgreSQL before 18 has no uuidv7().
CREATE FUNCTION ${schema}.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
     PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid $$;

-- The fence: locks the caller's node row against takeover until the end of the transaction, or raises RS001.
CREATE FUNCTION ${schema}.fence(me int, my_token uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM ${schema}.node WHERE id = me AND token = my_token AND state = 1 FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'node % is fenced', me USING ERRCODE = 'RS001';
  END IF;
END $$;
