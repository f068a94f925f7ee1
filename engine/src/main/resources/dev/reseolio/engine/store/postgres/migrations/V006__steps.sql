-- Steps: the finished parts of jobs, for the executions that follow.

-- Written once, by the execution that did it, behind the fence. The primary key lets the first result through.
CREATE TABLE ${schema}.step (
  job         uuid        NOT NULL,
  key         text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  attempt     smallint    NOT NULL,
  owner       int         NOT NULL,        -- the node that held the lease
  recorded_at timestamptz NOT NULL DEFAULT now(),
  result_type text,                        -- null: application/json
  result      bytea       NOT NULL,
  PRIMARY KEY (job, key)
) PARTITION BY RANGE (job);

-- A partition beside each there is: jobs of those days may still run.
DO $$
DECLARE
  day date;
BEGIN
  FOR day IN
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD')
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('job')
    ORDER BY 1
  LOOP
    PERFORM ${schema}.add_partition('step', day);
  END LOOP;
END $$;

CREATE VIEW ${schema}.steps AS
SELECT s.job, s.key, s.attempt, s.owner AS node, s.recorded_at, ${schema}.readable(s.result, s.result_type) AS result
FROM ${schema}.step s;
