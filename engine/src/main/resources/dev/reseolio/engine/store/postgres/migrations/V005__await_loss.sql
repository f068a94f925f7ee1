-- Waits until a node's control session is gone, at most `patience` milliseconds; false: it is still there. What the wait takes is held for the
-- length of the statement only, and shared: watchers do not hinder each other. A timeout that is forced on the role ends the wait early, and
-- not with an error: those would fill the server's log.
CREATE FUNCTION ${schema}.await_loss(namespace int, node int, patience int) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('lock_timeout', patience::text, true);
  PERFORM pg_advisory_xact_lock_shared(namespace, node);
  RETURN true;
EXCEPTION WHEN lock_not_available OR query_canceled THEN
  RETURN false;
END $$;
REVOKE EXECUTE ON FUNCTION ${schema}.await_loss(int, int, int) FROM PUBLIC;
