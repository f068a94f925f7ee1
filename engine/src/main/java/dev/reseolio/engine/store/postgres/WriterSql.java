package dev.reseolio.engine.store.postgres;

/// The statements of a flush. A flush is some of them in the order of [Part], sent as one
/// multi-statement prepared statement in autocommit mode: one round trip, one implicit transaction.
///
/// Locks are taken in this order: own node row (share), new steps, leases, new rows, keys (sorted),
/// new jobs, ready rows (skipping locked). Plans are pinned by the session's settings and by the
/// form of the statements: a row that is looked up by its key is a lateral subquery with LIMIT, an
/// existence test has OFFSET 0. Neither can be turned into a join, which for tables the planner
/// believes empty would read them whole. CTEs are never joined with each other, which would be
/// quadratic without hash joins.
enum WriterSql {
  FENCE("SELECT fence(?, ?, ?, ?)"),

  /// Finished steps, sent for the first time. What holds them is known to this incarnation alone,
  /// which the fence protects: no other can write for the same job.
  STEP(
      """
      INSERT INTO step (job, key, attempt, owner, result_type, result)
      SELECT u.job, u.key, u.attempt, ?, u.result_type, u.result
      FROM unnest(?::uuid[], ?::text[], ?::smallint[], ?::text[], ?::bytea[]) AS u(job, key, attempt, result_type, result)\
      """),

  /// Steps that may have been recorded before: the first result counts.
  STEP_AGAIN(
      """
      INSERT INTO step (job, key, attempt, owner, result_type, result)
      SELECT u.job, u.key, u.attempt, ?, u.result_type, u.result
      FROM unnest(?::uuid[], ?::text[], ?::smallint[], ?::text[], ?::bytea[]) AS u(job, key, attempt, result_type, result)
      ON CONFLICT (job, key) DO NOTHING\
      """),

  /// Long runners leave the window below which a takeover has to look for implicit leases. Before
  /// the endings: an execution may be spilled and end in one flush.
  SPILL(
      """
      INSERT INTO lease (id, lane, owner, attempt, failures, crashes, started_at)
      SELECT u.id, u.lane, ?, u.attempt, u.failures, u.crashes, to_timestamp(u.started_at / 1000.0)
      FROM unnest(?::uuid[], ?::int[], ?::smallint[], ?::smallint[], ?::smallint[], ?::bigint[])
        AS u(id, lane, attempt, failures, crashes, started_at)
      ON CONFLICT (id) DO NOTHING\
      """),

  /// Terminal records. The primary key of `done` lets one through; `attempt` keeps out the end of a
  /// round that an operator's retry has opened again. A lease goes with its own attempt only: a
  /// flush sent again must not take that of the next one.
  FINISH(
      """
      WITH gone AS (
        DELETE FROM lease WHERE ctid = ANY(ARRAY(
          SELECT mine.ctid FROM unnest(?::uuid[], ?::smallint[]) AS e(id, attempt)
          CROSS JOIN LATERAL (
            SELECT l.ctid FROM lease l WHERE l.id = e.id AND l.attempt = e.attempt AND l.owner = ? LIMIT 1) AS mine)))
      INSERT INTO done (id, lane, owner, status, attempt, failures, crashes, outcome, started_at,
                        result_type, result, error_type, error_message, error_stack)
      SELECT u.id, u.lane, ?, u.status, u.attempt, u.failures, u.crashes, u.outcome, to_timestamp(u.started_at / 1000.0),
             u.result_type, u.result, u.error_type, u.error_message, u.error_stack
      FROM unnest(?::uuid[], ?::int[], ?::smallint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::bigint[],
                  ?::text[], ?::bytea[], ?::text[], ?::text[], ?::text[])
        AS u(id, lane, status, attempt, failures, crashes, outcome, started_at,
             result_type, result, error_type, error_message, error_stack)
      WHERE NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job = u.id AND a.attempt = u.attempt OFFSET 0)
      ON CONFLICT (id) DO NOTHING\
      """),

  /// Leases of executions that succeeded.
  UNLEASE(
      """
      DELETE FROM lease WHERE ctid = ANY(ARRAY(
        SELECT mine.ctid FROM unnest(?::uuid[], ?::smallint[]) AS e(id, attempt)
        CROSS JOIN LATERAL (
          SELECT l.ctid FROM lease l WHERE l.id = e.id AND l.attempt = e.attempt AND l.owner = ? LIMIT 1) AS mine))\
      """),

  /// The usual end, sent for the first time: nothing to guard against, which saves a third of the
  /// work.
  SUCCEED(
      """
      INSERT INTO done (id, lane, owner, status, attempt, failures, crashes, outcome, started_at, result_type, result)
      SELECT u.id, u.lane, ?, 5, u.attempt, u.failures, u.crashes, 1, to_timestamp(u.started_at / 1000.0),
             u.result_type, u.result
      FROM unnest(?::uuid[], ?::int[], ?::smallint[], ?::smallint[], ?::smallint[], ?::bigint[], ?::text[], ?::bytea[])
        AS u(id, lane, attempt, failures, crashes, started_at, result_type, result)\
      """),

  /// Executions that ended with the job to run again. The primary key of `attempt` lets each
  /// through once, so a repeated flush adds nothing; `done` keeps a finished job from coming back.
  /// What runs again at once was lost or handed back: it had its turn, and does not queue up again.
  AGAIN(
      """
      WITH gone AS (
        DELETE FROM lease WHERE ctid = ANY(ARRAY(
          SELECT mine.ctid FROM unnest(?::uuid[], ?::smallint[]) AS e(id, attempt)
          CROSS JOIN LATERAL (
            SELECT l.ctid FROM lease l WHERE l.id = e.id AND l.attempt = e.attempt AND l.owner = ? LIMIT 1) AS mine))),
      ended AS (
        INSERT INTO attempt (job, attempt, lane, owner, outcome, started_at, retry_at, failures, crashes,
                             error_type, error_message, error_stack)
        SELECT u.id, u.attempt, u.lane, ?, u.outcome, to_timestamp(u.started_at / 1000.0), to_timestamp(u.retry_at / 1000.0),
               u.failures, u.crashes, u.error_type, u.error_message, u.error_stack
        FROM unnest(?::uuid[], ?::smallint[], ?::int[], ?::smallint[], ?::bigint[], ?::bigint[], ?::smallint[], ?::smallint[],
                    ?::text[], ?::text[], ?::text[])
          AS u(id, attempt, lane, outcome, started_at, retry_at, failures, crashes, error_type, error_message, error_stack)
        ON CONFLICT (job, attempt) DO NOTHING
        RETURNING job, attempt, lane, retry_at, failures, crashes),
      later AS (
        INSERT INTO timer (run_at, id, lane, priority, attempt, failures, crashes)
        SELECT e.retry_at, e.job, e.lane, j.priority, e.attempt + 1, e.failures, e.crashes
        FROM ended e
        CROSS JOIN LATERAL (SELECT priority FROM job WHERE id = e.job AND lane = e.lane LIMIT 1) AS j
        WHERE e.retry_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM done d WHERE d.id = e.job OFFSET 0))
      INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
      SELECT e.lane, 0, e.job, e.attempt + 1, e.failures, e.crashes
      FROM ended e
      WHERE e.retry_at IS NULL AND NOT EXISTS (SELECT 1 FROM done d WHERE d.id = e.job OFFSET 0)\
      """),

  /// The usual new job, sent for the first time: due now, leased to this node, without key and
  /// deadline.
  INSERT_LEASED(
      """
      INSERT INTO job (id, lane, owner, priority, max_attempts, timeout_ms, backoff, tags, args_type, args)
      SELECT u.id, u.lane, ?, u.priority, u.max_attempts, u.timeout_ms, u.backoff, string_to_array(u.tags, chr(31)),
             u.args_type, u.args
      FROM unnest(?::uuid[], ?::int[], ?::smallint[], ?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bytea[])
        AS u(id, lane, priority, max_attempts, timeout_ms, backoff, tags, args_type, args)\
      """),

  /// New jobs without a key.
  INSERT(
      """
      WITH created AS (
        INSERT INTO job (id, lane, owner, priority, max_attempts, timeout_ms, backoff, run_at, deadline_at, tags, args_type, args)
        SELECT u.id, u.lane, nullif(u.owner, 0), u.priority, u.max_attempts, u.timeout_ms, u.backoff,
               to_timestamp(u.run_at / 1000000.0), to_timestamp(u.deadline_at / 1000000.0), string_to_array(u.tags, chr(31)),
               u.args_type, u.args
        FROM unnest(?::uuid[], ?::int[], ?::int[], ?::smallint[], ?::smallint[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[],
                    ?::text[], ?::text[], ?::bytea[])
          AS u(id, lane, owner, priority, max_attempts, timeout_ms, backoff, run_at, deadline_at, tags, args_type, args)
        ON CONFLICT (id) DO NOTHING
        RETURNING id, lane, owner, priority, run_at, deadline_at),
      now_due AS (
        INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
        SELECT lane, priority, id, 1, 0, 0 FROM created WHERE owner IS NULL AND run_at IS NULL),
      due_later AS (
        INSERT INTO timer (run_at, id, lane, priority, attempt, failures, crashes)
        SELECT run_at, id, lane, priority, 1, 0, 0 FROM created WHERE run_at IS NOT NULL),
      limited AS (INSERT INTO deadline (at, id) SELECT deadline_at, id FROM created WHERE deadline_at IS NOT NULL)
      SELECT id FROM created\
      """),

  /// Takes keys that are free or expired. Looks first, so that a key in use costs no lock and no
  /// dead row.
  TAKE_KEYS(
      """
      INSERT INTO job_key AS k (function, key, id, expires_at)
      SELECT u.function, u.key, u.id, now() + u.ttl * interval '1 millisecond'
      FROM unnest(?::int[], ?::text[], ?::uuid[], ?::bigint[]) AS u(function, key, id, ttl)
      WHERE NOT EXISTS (SELECT 1 FROM job_key h WHERE h.function = u.function AND h.key = u.key AND h.expires_at > now())
      ON CONFLICT (function, key) DO UPDATE SET id = excluded.id, expires_at = excluded.expires_at WHERE k.expires_at <= now()\
      """),

  /// New jobs with a key: those whose id the key holds.
  INSERT_KEYED(
      """
      WITH created AS (
        INSERT INTO job (id, lane, owner, priority, max_attempts, timeout_ms, backoff, run_at, deadline_at, tags, args_type, args, key)
        SELECT u.id, u.lane, nullif(u.owner, 0), u.priority, u.max_attempts, u.timeout_ms, u.backoff,
               to_timestamp(u.run_at / 1000000.0), to_timestamp(u.deadline_at / 1000000.0), string_to_array(u.tags, chr(31)),
               u.args_type, u.args, u.key
        FROM unnest(?::uuid[], ?::int[], ?::int[], ?::smallint[], ?::smallint[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[],
                    ?::text[], ?::text[], ?::bytea[], ?::int[], ?::text[])
          AS u(id, lane, owner, priority, max_attempts, timeout_ms, backoff, run_at, deadline_at, tags, args_type, args, function, key)
        WHERE EXISTS (SELECT 1 FROM job_key k WHERE k.function = u.function AND k.key = u.key AND k.id = u.id)
        ON CONFLICT (id) DO NOTHING
        RETURNING id, lane, owner, priority, run_at, deadline_at),
      now_due AS (
        INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
        SELECT lane, priority, id, 1, 0, 0 FROM created WHERE owner IS NULL AND run_at IS NULL),
      due_later AS (
        INSERT INTO timer (run_at, id, lane, priority, attempt, failures, crashes)
        SELECT run_at, id, lane, priority, 1, 0, 0 FROM created WHERE run_at IS NOT NULL),
      limited AS (INSERT INTO deadline (at, id) SELECT deadline_at, id FROM created WHERE deadline_at IS NOT NULL)
      SELECT id FROM created\
      """),

  /// Who holds the keys; the job itself, if it exists: an earlier sending created it, and its key
  /// may have expired and been taken since. A statement of its own: it sees winners that committed
  /// while TAKE_KEYS waited for them.
  KEY_HOLDERS(
      """
      SELECT u.id, coalesce(mine.id, held.id)
      FROM unnest(?::int[], ?::text[], ?::uuid[]) AS u(function, key, id)
      LEFT JOIN LATERAL (SELECT j.id FROM job j WHERE j.id = u.id LIMIT 1) AS mine ON true
      LEFT JOIN LATERAL (SELECT k.id FROM job_key k WHERE k.function = u.function AND k.key = u.key LIMIT 1) AS held ON true
      WHERE coalesce(mine.id, held.id) IS NOT NULL\
      """),

  /// Takes the first jobs of some slots. The nested loop visits the slots in order and stops at the
  /// limit. `job` is looked up by both columns: a point lookup whichever index wins on a fresh
  /// partition. LIMIT keeps the last error a subquery of its own, which first attempts skip.
  /// Arguments come up to 4 MiB in all, the first job's whatever they weigh; the last column says
  /// which were withheld.
  CLAIM(
      """
      WITH taken AS (
        DELETE FROM ready WHERE ctid = ANY(ARRAY(
          SELECT first.ctid
          FROM unnest(?::int[], ?::smallint[], ?::bigint[]) AS slot(lane, priority, after)
          CROSS JOIN LATERAL (
            SELECT r.ctid FROM ready r
            WHERE r.lane = slot.lane AND r.priority = slot.priority AND r.seq > slot.after
            ORDER BY r.lane, r.priority, r.seq LIMIT ? FOR UPDATE SKIP LOCKED) AS first
          LIMIT ?))
        RETURNING id, lane, priority, seq, attempt, failures, crashes),
      leased AS (
        INSERT INTO lease (id, lane, owner, attempt, failures, crashes)
        SELECT id, lane, ?, attempt, failures, crashes FROM taken)
      SELECT t.id, t.lane, t.attempt, t.failures, t.crashes, j.max_attempts, j.timeout_ms, j.backoff, j.args_type,
             CASE WHEN sum(octet_length(j.args)) OVER w <= greatest(4194304, octet_length(j.args)) THEN j.args END,
             j.created_at, j.deadline_at, j.key, e.error_type, e.error_message,
             sum(octet_length(j.args)) OVER w > greatest(4194304, octet_length(j.args))
      FROM taken t
      CROSS JOIN LATERAL (SELECT * FROM job WHERE id = t.id AND lane = t.lane LIMIT 1) AS j
      LEFT JOIN LATERAL (
        SELECT a.error_type, a.error_message FROM attempt a
        WHERE t.attempt > 1 AND a.job = t.id AND a.attempt = t.attempt - 1 LIMIT 1) e ON true
      WINDOW w AS (ORDER BY t.priority, t.seq ROWS UNBOUNDED PRECEDING)
      ORDER BY t.priority, t.seq\
      """),

  /// Leases of this node, after a claim whose reply was lost.
  ADOPT(
      """
      SELECT l.id, l.lane, l.attempt, l.failures, l.crashes, j.max_attempts, j.timeout_ms, j.backoff, j.args_type,
             CASE WHEN sum(octet_length(j.args)) OVER w <= greatest(4194304, octet_length(j.args)) THEN j.args END,
             j.created_at, j.deadline_at, j.key, e.error_type, e.error_message,
             sum(octet_length(j.args)) OVER w > greatest(4194304, octet_length(j.args))
      FROM lease l
      CROSS JOIN LATERAL (SELECT * FROM job WHERE id = l.id AND lane = l.lane LIMIT 1) AS j
      LEFT JOIN LATERAL (
        SELECT a.error_type, a.error_message FROM attempt a
        WHERE l.attempt > 1 AND a.job = l.id AND a.attempt = l.attempt - 1 LIMIT 1) e ON true
      WHERE l.owner = ?
      WINDOW w AS (ORDER BY l.id ROWS UNBOUNDED PRECEDING)\
      """);

  private final String sql;

  WriterSql(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
