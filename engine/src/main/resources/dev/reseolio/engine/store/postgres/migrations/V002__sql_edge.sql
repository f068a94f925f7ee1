-- Where each job stands, and the edge for plain SQL: enqueue and cancel inside an application's own transaction, views for people.

-- The one place that derives a status. 1 scheduled, 2 pending, 3 running, 5 succeeded, 6 dead, 7 cancelled.
-- error_*: of the end, or else of the last execution that failed. offered: a live node has a worker for it; null unless pending.
CREATE VIEW ${schema}.job_state AS
SELECT j.id, j.created_at, j.lane, j.priority, j.max_attempts, j.timeout_ms, j.backoff, j.run_at AS asked_for, j.deadline_at,
       j.key, j.tags, j.args_type, j.args,
       CASE WHEN d.id IS NOT NULL THEN d.status WHEN r.id IS NOT NULL THEN 2 WHEN t.id IS NOT NULL THEN 1 ELSE 3 END::smallint AS status,
       coalesce(d.attempt, r.attempt, t.attempt, l.attempt, 1)::smallint AS attempt,
       coalesce(d.failures, r.failures, t.failures, l.failures, 0)::smallint AS failures,
       coalesce(d.crashes, r.crashes, t.crashes, l.crashes, 0)::smallint AS crashes,
       CASE WHEN d.id IS NULL AND r.id IS NULL THEN t.run_at END AS run_at,
       coalesce(d.started_at, l.started_at, a.started_at,
                CASE WHEN d.id IS NULL AND r.id IS NULL AND t.id IS NULL THEN j.created_at END) AS started_at,
       CASE WHEN d.id IS NOT NULL THEN d.owner WHEN r.id IS NULL AND t.id IS NULL THEN coalesce(l.owner, j.owner) END AS node,
       d.finished_at, d.result_type, d.result,
       coalesce(d.error_type, f.error_type) AS error_type,
       CASE WHEN d.error_type IS NULL THEN f.error_message ELSE d.error_message END AS error_message,
       CASE WHEN d.error_type IS NULL THEN f.error_stack ELSE d.error_stack END AS error_stack,
       CASE WHEN d.id IS NULL AND r.id IS NOT NULL THEN EXISTS (
         SELECT FROM ${schema}.node n JOIN ${schema}.node_beat b ON b.node = n.id JOIN ${schema}.lane la ON la.id = j.lane
         WHERE n.state = 1 AND la.function = ANY (b.offers)) END AS offered
FROM ${schema}.job j
LEFT JOIN ${schema}.done d ON d.id = j.id
LEFT JOIN ${schema}.ready r ON r.id = j.id
LEFT JOIN ${schema}.timer t ON t.id = j.id
LEFT JOIN ${schema}.lease l ON l.id = j.id
LEFT JOIN LATERAL (
  SELECT p.started_at FROM ${schema}.attempt p WHERE p.job = j.id ORDER BY p.attempt DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (
  SELECT p.error_type, p.error_message, p.error_stack FROM ${schema}.attempt p
  WHERE p.job = j.id AND p.error_type IS NOT NULL ORDER BY p.attempt DESC LIMIT 1) f ON true;

-- The same without user data: what listings read.
CREATE VIEW ${schema}.job_line AS
SELECT id, created_at, lane, priority, max_attempts, timeout_ms, backoff, asked_for, deadline_at, key, tags, status, attempt, failures, crashes,
       run_at, started_at, node, finished_at, error_type, error_message, NULL::text AS error_stack, offered
FROM ${schema}.job_state;

-- Cancels a job that waits; leaves a request for the owner of one that runs. No row: no such job.
-- Whoever moves a job deletes its row first, so a claim or a promotion at the same time makes this wait at that row
-- and look again on a newer snapshot.
CREATE FUNCTION ${schema}.cancel_job(job uuid) RETURNS TABLE (status smallint, accepted boolean, lane int)
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
#variable_conflict use_column
BEGIN
  FOR tries IN 1..20 LOOP
    WITH from_ready AS (
      DELETE FROM ready w WHERE w.id = cancel_job.job RETURNING w.id, w.lane, w.attempt, w.failures, w.crashes),
    from_timer AS (
      DELETE FROM timer w WHERE w.id = cancel_job.job RETURNING w.id, w.lane, w.attempt, w.failures, w.crashes)
    INSERT INTO done AS d (id, lane, status, attempt, failures, crashes, outcome, error_type, error_message)
    SELECT w.id, w.lane, 7, w.attempt, w.failures, w.crashes, 7, 'Cancelled', 'the job was cancelled'
    FROM (SELECT * FROM from_ready UNION ALL SELECT * FROM from_timer) w
    ON CONFLICT (id) DO NOTHING
    RETURNING 7, true, d.lane INTO cancel_job.status, cancel_job.accepted, cancel_job.lane;
    IF FOUND THEN
      RETURN NEXT;
      RETURN;
    END IF;
    SELECT s.status, false, s.lane INTO cancel_job.status, cancel_job.accepted, cancel_job.lane FROM job_state s WHERE s.id = cancel_job.job;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    EXIT WHEN cancel_job.status NOT IN (1, 2);
  END LOOP;
  IF cancel_job.status < 5 THEN
    INSERT INTO cancel_request (id) VALUES (cancel_job.job) ON CONFLICT (id) DO NOTHING;
    cancel_job.accepted := true;
  END IF;
  RETURN NEXT;
END $$;

-- A number among the options, or its default.
CREATE FUNCTION ${schema}.option_number(options jsonb, name text, lowest bigint, highest bigint, otherwise bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  given jsonb := options -> name;
BEGIN
  IF given IS NULL OR given = 'null' THEN
    RETURN otherwise;
  END IF;
  IF jsonb_typeof(given) <> 'number' OR (given #>> '{}')::numeric NOT BETWEEN lowest AND highest OR (given #>> '{}')::numeric % 1 <> 0 THEN
    RAISE EXCEPTION 'reseolio: % must be a whole number, % to %, but is %', name, lowest, highest, left(given::text, 80)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN (given #>> '{}')::numeric::bigint;
END $$;

-- A name as the engine takes it: 1 to 255 characters, no control characters.
CREATE FUNCTION ${schema}.checked_name(what text, name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF name IS NULL OR length(name) NOT BETWEEN 1 AND 255 OR name ~ '[\u0001-\u001f\u007f-\u009f]' THEN
    RAISE EXCEPTION 'reseolio: % must have 1 to 255 characters and no control characters', what
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN name;
END $$;

-- A text among the options, or null.
CREATE FUNCTION ${schema}.option_text(options jsonb, name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF jsonb_typeof(options -> name) NOT IN ('string', 'null') THEN
    RAISE EXCEPTION 'reseolio: % must be a text, but is %', name, left((options -> name)::text, 80)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN options ->> name;
END $$;

-- The tags among the options, or null.
CREATE FUNCTION ${schema}.option_tags(options jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = ${schema}, pg_temp AS $$
DECLARE
  tags text[];
BEGIN
  IF coalesce(jsonb_typeof(options -> 'tags'), 'null') = 'null' THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(options -> 'tags') <> 'array' OR jsonb_array_length(options -> 'tags') > 16 THEN
    RAISE EXCEPTION 'reseolio: tags must be an array of at most 16 texts' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT array_agg(checked_name('tags', tag)) INTO tags FROM jsonb_array_elements_text(options -> 'tags') tag;
  RETURN tags;
END $$;

-- The lane of a function and queue, registered when new.
CREATE FUNCTION ${schema}.lane_of(function_name text, queue_name text, OUT function_id int, OUT lane_id int)
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
  FOR tries IN 1..2 LOOP
    SELECT f.id, l.id INTO function_id, lane_id FROM function f JOIN lane l ON l.function = f.id AND l.queue = queue_name WHERE f.name = function_name;
    EXIT WHEN lane_id IS NOT NULL;
    INSERT INTO function (name) VALUES (function_name) ON CONFLICT (name) DO NOTHING;
    INSERT INTO lane (function, queue) SELECT f.id, queue_name FROM function f WHERE f.name = function_name ON CONFLICT (function, queue) DO NOTHING;
  END LOOP;
END $$;

-- Creates a job inside the caller's transaction: it exists exactly when the transaction commits. args: JSON, kept as it is.
-- Returns the job's id; with an idempotencyKey in use, the id of the job that holds it.
-- Nodes are woken by NOTIFY, but by one transaction at a time: NOTIFY makes commits queue up. Others are found by polling.
CREATE FUNCTION ${schema}.enqueue(function text, args text, options jsonb DEFAULT '{}') RETURNS uuid
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
  known CONSTANT text[] := ARRAY['deadlineMs', 'delayMs', 'idempotencyKey', 'keyTtlMs', 'maxAttempts', 'priority', 'queue', 'runAt', 'tags', 'timeoutMs'];
  year CONSTANT bigint := 365::bigint * 86400000;
  given jsonb := coalesce(options, '{}');
  unknown text;
  job_id uuid := new_id();
  job_function int;
  job_lane int;
  job_key text;
  job_priority smallint;
  due timestamptz;
  limit_at timestamptz;
  ms bigint;
  holder uuid;
BEGIN
  IF jsonb_typeof(given) <> 'object' THEN
    RAISE EXCEPTION 'reseolio: options must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT string_agg(o, ', ') INTO unknown FROM jsonb_object_keys(given) o WHERE o <> ALL (known);
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'reseolio: unknown option %; known are %', left(unknown, 200), array_to_string(known, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM args::json;
  job_key := option_text(given, 'idempotencyKey');
  IF job_key IS NOT NULL THEN
    PERFORM checked_name('idempotencyKey', job_key);
  END IF;
  job_priority := option_number(given, 'priority', 0, 9, 5);

  due := option_text(given, 'runAt')::timestamptz;
  ms := option_number(given, 'delayMs', 0, 100 * year, NULL);
  IF due IS NOT NULL AND ms IS NOT NULL THEN
    RAISE EXCEPTION 'reseolio: give runAt or delayMs, not both' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  due := coalesce(due, clock_timestamp() + ms * interval '1 millisecond');
  IF due <= clock_timestamp() THEN
    due := NULL;
  END IF;
  limit_at := clock_timestamp() + option_number(given, 'deadlineMs', 1, 100 * year, NULL) * interval '1 millisecond';
  IF limit_at <= due THEN
    RAISE EXCEPTION 'reseolio: the deadline (%) must be after the time the job is due (%)', limit_at, due USING ERRCODE = 'invalid_parameter_value';
  END IF;

  SELECT l.function_id, l.lane_id INTO job_function, job_lane
  FROM lane_of(checked_name('function', enqueue.function), checked_name('queue', coalesce(option_text(given, 'queue'), 'default'))) l;
  IF job_key IS NOT NULL THEN
    ms := option_number(given, 'keyTtlMs', 1000, 10 * year, 7 * 86400000);
    SELECT k.id INTO holder FROM job_key k WHERE k.function = job_function AND k.key = job_key AND k.expires_at > now();
    IF holder IS NOT NULL THEN
      RETURN holder;
    END IF;
    INSERT INTO job_key AS k (function, key, id, expires_at) VALUES (job_function, job_key, job_id, clock_timestamp() + ms * interval '1 millisecond')
    ON CONFLICT (function, key) DO UPDATE SET id = excluded.id, expires_at = excluded.expires_at WHERE k.expires_at <= now();
    IF NOT FOUND THEN
      SELECT k.id INTO holder FROM job_key k WHERE k.function = job_function AND k.key = job_key;
      RETURN holder;
    END IF;
  END IF;

  INSERT INTO job (id, lane, priority, max_attempts, timeout_ms, run_at, deadline_at, key, tags, args)
  VALUES (job_id, job_lane, job_priority, option_number(given, 'maxAttempts', 1, 10000, 3), option_number(given, 'timeoutMs', 1, year, 30000),
          due, limit_at, job_key, option_tags(given), convert_to(args, 'UTF8'));
  IF limit_at IS NOT NULL THEN
    INSERT INTO deadline (at, id) VALUES (limit_at, job_id);
  END IF;
  IF due IS NOT NULL THEN
    INSERT INTO timer (run_at, id, lane, priority, attempt, failures, crashes) VALUES (due, job_id, job_lane, job_priority, 1, 0, 0);
  ELSE
    INSERT INTO ready (lane, priority, id, attempt, failures, crashes) VALUES (job_lane, job_priority, job_id, 1, 0, 0);
    PERFORM ring('r ' || job_lane);
  END IF;
  RETURN job_id;
END $$;
CREATE FUNCTION ${schema}.enqueue(function text, args jsonb DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS uuid
LANGUAGE sql AS $$ SELECT ${schema}.enqueue(function, args::text, options) $$;

-- Wakes the nodes, when no other transaction is about to.
CREATE FUNCTION ${schema}.ring(payload text) RETURNS void
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
  IF pg_try_advisory_xact_lock(hashtextextended('reseolio ring ' || current_schema(), 0)) THEN
    PERFORM pg_notify(left('reseolio:' || current_schema(), 63), payload);
  END IF;
END $$;

CREATE FUNCTION ${schema}.status_word(status int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (ARRAY['scheduled', 'pending', 'running', 'waiting', 'succeeded', 'dead', 'cancelled'])[status] $$;
CREATE FUNCTION ${schema}.outcome_word(outcome int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (ARRAY['succeeded', 'failed', 'timed out', 'worker lost', 'node lost', 'released', 'cancelled'])[outcome] $$;

-- Cancels a job inside the caller's transaction. Returns its status afterwards: running means its worker is asked to stop; null: no such job.
CREATE FUNCTION ${schema}.cancel(job uuid) RETURNS text
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
DECLARE
  change record;
BEGIN
  SELECT * INTO change FROM cancel_job(cancel.job);
  IF change.accepted THEN
    PERFORM ring(CASE change.status WHEN 7 THEN 'd ' || cancel.job ELSE 'c' END);
  END IF;
  RETURN status_word(change.status);
END $$;

-- User data for people: JSON and other text as text, anything else by its size.
CREATE FUNCTION ${schema}.readable(data bytea, type text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF type IS NULL OR type LIKE '%json%' OR type LIKE 'text/%' THEN
    RETURN convert_from(data, 'UTF8');
  END IF;
  RETURN format('<%s bytes of %s>', length(data), type);
EXCEPTION WHEN data_exception THEN
  RETURN format('<%s bytes>', length(data));
END $$;

CREATE VIEW ${schema}.jobs AS
SELECT s.id, f.name AS function, l.queue, ${schema}.status_word(s.status) AS status, s.priority, s.attempt, s.max_attempts, s.failures, s.crashes,
       s.created_at, s.run_at, s.deadline_at, s.started_at, s.finished_at, s.finished_at - s.started_at AS took, s.node,
       s.key AS idempotency_key, s.tags, ${schema}.readable(s.args, s.args_type) AS args, ${schema}.readable(s.result, s.result_type) AS result,
       s.error_type, s.error_message, s.error_stack
FROM ${schema}.job_state s JOIN ${schema}.lane l ON l.id = s.lane JOIN ${schema}.function f ON f.id = l.function;

CREATE VIEW ${schema}.attempts AS
SELECT a.job, a.attempt, ${schema}.outcome_word(a.outcome) AS outcome, a.started_at, a.ended_at, a.ended_at - a.started_at AS took, a.retry_at, a.owner AS node,
       a.failures, a.crashes, a.error_type, a.error_message, a.error_stack
FROM ${schema}.attempt a;

CREATE VIEW ${schema}.nodes AS
SELECT n.id, n.name, n.version, (ARRAY['live', 'fenced', 'settled'])[n.state] AS state, n.started_at, n.ended_at,
       coalesce(n.ended_at, now()) - n.started_at AS up, n.taken_by,
       ARRAY(SELECT f.name FROM ${schema}.function f WHERE f.id = ANY (b.offers) ORDER BY f.name) AS offers
FROM ${schema}.node n LEFT JOIN ${schema}.node_beat b ON b.node = n.id;

-- A new partition for one day (UTC) of ids. LIKE and ATTACH: creating it as PARTITION OF would queue behind every reader.
CREATE FUNCTION ${schema}.add_partition(parent text, day date) RETURNS void
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
DECLARE
  part text := parent || '_p' || to_char(day, 'YYYYMMDD');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('reseolio partitions ' || current_schema(), 0));
  -- Not to_regclass: that may answer from a cache filled before the lock was waited for.
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = part) THEN
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)', part, parent);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part,
      id_of(day::timestamp AT TIME ZONE 'UTC'), id_of((day + 1)::timestamp AT TIME ZONE 'UTC'));
  END IF;
END $$;
