-- Applications need no rights on tables any more: enqueue and cancel run with the rights of the role that owns them, and nobody else may
-- call a function unless he was told so. docs/operate/roles.sql grants what each role needs.

-- search_path is pinned already, with pg_temp last. The form with jsonb only calls the form with text.
ALTER FUNCTION ${schema}.enqueue(text, text, jsonb) SECURITY DEFINER;
ALTER FUNCTION ${schema}.cancel(uuid) SECURITY DEFINER;
ALTER FUNCTION ${schema}.enqueue(text, jsonb, jsonb) SET search_path = pg_catalog, pg_temp;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC;
