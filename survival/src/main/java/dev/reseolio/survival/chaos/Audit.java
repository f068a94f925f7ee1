package dev.reseolio.survival.chaos;

import dev.reseolio.checker.Event;
import dev.reseolio.checker.Event.Change;
import dev.reseolio.checker.Event.Table;
import dev.reseolio.survival.Databases;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/// The database's own history: triggers note every row that is written or removed, in the same
/// transaction; the order is that of the commits.
final class Audit {
  private static final String TABLES =
      """
      CREATE SCHEMA chaos;
      CREATE TABLE chaos.business (call text PRIMARY KEY);
      CREATE TABLE chaos.audit (
        n bigserial PRIMARY KEY, change text NOT NULL, tab text NOT NULL, job uuid, attempt int NOT NULL, owner int NOT NULL, info text NOT NULL);
      CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        tab text := TG_ARGV[0];
        r record;
        a int := 0;
        o int := 0;
        i text := '';
        j uuid;
        c text := CASE TG_OP WHEN 'INSERT' THEN 'PUT' WHEN 'DELETE' THEN 'GONE' ELSE 'TAMPERED' END;
      BEGIN
        IF TG_OP = 'DELETE' THEN r := OLD; ELSE r := NEW; END IF;
        IF tab IN ('JOB', 'DONE', 'ATTEMPT', 'STEP') AND TG_OP <> 'INSERT' THEN c := 'TAMPERED'; END IF;
        CASE tab
          WHEN 'JOB' THEN j := r.id; a := 1; o := coalesce(r.owner, 0); i := coalesce(r.tags[1], '');
          WHEN 'DONE' THEN
            j := r.id; a := r.attempt; o := CASE WHEN r.outcome = 5 THEN 0 ELSE coalesce(r.owner, 0) END;
            i := CASE r.status WHEN 5 THEN 'succeeded:' || trim(both '"' from convert_from(r.result, 'UTF8')) WHEN 6 THEN 'dead:' || coalesce(r.error_type, '') ELSE 'cancelled' END;
          WHEN 'ATTEMPT' THEN
            j := r.job; a := r.attempt; o := CASE WHEN r.outcome = 5 THEN 0 ELSE coalesce(r.owner, 0) END;
            i := CASE WHEN r.outcome IN (4, 5) THEN 'lost' ELSE 'outcome ' || r.outcome END;
          WHEN 'STEP' THEN
            j := r.job; a := r.attempt; o := r.owner; i := r.key || '=' || trim(both '"' from convert_from(r.result, 'UTF8'));
          WHEN 'NODE' THEN o := r.id; c := 'FENCED';
          ELSE j := r.id; a := r.attempt; IF tab = 'LEASE' THEN o := r.owner; END IF;
        END CASE;
        INSERT INTO chaos.audit (change, tab, job, attempt, owner, info) VALUES (c, tab, j, a, o, i);
        RETURN NULL;
      END $$;
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.job FOR EACH ROW EXECUTE FUNCTION chaos.note('JOB');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.done FOR EACH ROW EXECUTE FUNCTION chaos.note('DONE');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.attempt FOR EACH ROW EXECUTE FUNCTION chaos.note('ATTEMPT');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.step FOR EACH ROW EXECUTE FUNCTION chaos.note('STEP');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.ready FOR EACH ROW EXECUTE FUNCTION chaos.note('READY');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.timer FOR EACH ROW EXECUTE FUNCTION chaos.note('TIMER');
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON reseolio.lease FOR EACH ROW EXECUTE FUNCTION chaos.note('LEASE');
      CREATE TRIGGER note AFTER UPDATE OF state ON reseolio.node FOR EACH ROW WHEN (NEW.state = 2) EXECUTE FUNCTION chaos.note('NODE')\
      """;

  /// `xmin` is the transaction that wrote the note: its commit is what is asked for.
  private static final String NOTES =
      """
      SELECT change, tab, job, attempt, owner, info, xmin::text, pg_xact_commit_timestamp(xmin) AS committed
      FROM chaos.audit ORDER BY committed, xmin::text::bigint, n\
      """;

  private Audit() {}

  /// Once the sidecars have made their tables, and before there is any load.
  static void install(Connection sql) throws SQLException {
    try (var create = sql.createStatement()) {
      create.execute(TABLES);
    }
  }

  /// Number of the newest note; 0: there is none.
  static long last(Databases databases) throws SQLException {
    return databases.one("SELECT coalesce(max(n), 0) FROM chaos.audit");
  }

  /// The query that counts the notes after one for which a condition in SQL holds.
  static String countSince(long last, String condition) {
    return "SELECT count(*) FROM chaos.audit WHERE n > %d AND %s".formatted(last, condition);
  }

  static void read(Connection sql, Consumer<Event> events) throws SQLException {
    sql.setAutoCommit(false);
    try (var find = sql.createStatement()) {
      find.setFetchSize(10_000);
      Clock clock = Clock.now();
      try (var rows = find.executeQuery(NOTES)) {
        while (rows.next()) {
          events.accept(event(rows, clock));
        }
      }
      try (var rows = find.executeQuery("SELECT call FROM chaos.business")) {
        while (rows.next()) {
          events.accept(new Event.Business(0, rows.getString(1)));
        }
      }
    }
  }

  private static Event event(ResultSet row, Clock clock) throws SQLException {
    long at = clock.nanos(row.getTimestamp("committed").toInstant());
    String change = row.getString("change");
    String tx = row.getString("xmin");
    if (change.equals("FENCED")) {
      return new Event.Fenced(at, tx, row.getInt("owner"));
    }
    return new Event.Row(
        at,
        tx,
        Change.valueOf(change),
        Table.valueOf(row.getString("tab")),
        row.getString("job"),
        row.getInt("attempt"),
        row.getInt("owner"),
        row.getString("info"));
  }

  /// The wall clock's times as those of the monotonic one; both are the machine's.
  private record Clock(Instant wall, long monotonic) {
    static Clock now() {
      return new Clock(Instant.now(), System.nanoTime());
    }

    long nanos(Instant time) {
      return monotonic + ChronoUnit.NANOS.between(wall, time);
    }
  }
}
