-- Nodes behind a connection pooler: no session is theirs, so nothing but the beat proves that they live, and the end of a connection
-- does not end what was sent on it.

-- How often the node has opened a connection to write by. A flush that an earlier one still brings is refused.
ALTER TABLE ${schema}.node ADD COLUMN writer int NOT NULL DEFAULT 0;
ALTER TABLE ${schema}.node_beat ADD COLUMN pooled boolean NOT NULL DEFAULT false;

-- The fence: locks the caller's node row against takeover until the end of the transaction, or raises RS001. Also when the database failed
-- over behind a pooler, which the caller's connection survives; my_timeline 0: the caller would have noticed.
CREATE FUNCTION ${schema}.fence(me int, my_token uuid, my_writer int, my_timeline int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  timeline int := my_timeline;
BEGIN
  PERFORM 1 FROM ${schema}.node WHERE id = me AND token = my_token AND writer = my_writer AND state = 1 FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'node % is fenced', me USING ERRCODE = 'RS001';
  END IF;
  IF my_timeline <> 0 THEN
    timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
  END IF;
  IF timeline <> my_timeline THEN
    RAISE EXCEPTION 'the database failed over to timeline %; node % was of timeline %', timeline, me, my_timeline USING ERRCODE = 'RS001';
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION ${schema}.fence(int, uuid, int, int) FROM PUBLIC;
