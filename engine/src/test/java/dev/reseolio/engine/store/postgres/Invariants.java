package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertNull;

/// What holds in every snapshot, whatever happened before.
final class Invariants {
  private static final String IN_TWO_PLACES =
      """
      SELECT string_agg(id || ' in ' || places, '; ') FROM (
        SELECT id, string_agg(place, '+') AS places FROM (
          SELECT id, 'done' AS place FROM reseolio.done UNION ALL SELECT id, 'ready' FROM reseolio.ready
          UNION ALL SELECT id, 'timer' FROM reseolio.timer UNION ALL SELECT id, 'lease' FROM reseolio.lease) p
        GROUP BY id HAVING count(*) > 1) twice
      """;
  private static final String WITHOUT_JOB =
      """
      SELECT string_agg(place || ' ' || id, '; ') FROM (
        SELECT id, 'done' AS place FROM reseolio.done UNION ALL SELECT id, 'ready' FROM reseolio.ready
        UNION ALL SELECT id, 'timer' FROM reseolio.timer UNION ALL SELECT id, 'lease' FROM reseolio.lease
        UNION ALL SELECT job, 'attempt' FROM reseolio.attempt) p
      WHERE NOT EXISTS (SELECT FROM reseolio.job j WHERE j.id = p.id)
      """;
  private static final String IN_NO_PLACE =
      """
      SELECT string_agg(j.id::text, '; ') FROM reseolio.job j
      WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = j.id)
        AND NOT EXISTS (SELECT FROM reseolio.ready r WHERE r.id = j.id)
        AND NOT EXISTS (SELECT FROM reseolio.timer t WHERE t.id = j.id)
        AND NOT EXISTS (SELECT FROM reseolio.lease l WHERE l.id = j.id)
        AND (j.owner IS NULL OR EXISTS (SELECT FROM reseolio.attempt a WHERE a.job = j.id))
      """;

  private Invariants() {}

  /// Each job is in at most one of done, ready, timer and lease; each row of them has a job; and
  /// only a job that is in its first execution is in none.
  static void check(StoreFixture db) {
    assertNull(db.text(IN_TWO_PLACES), "jobs in two places");
    assertNull(db.text(WITHOUT_JOB), "rows without a job");
    assertNull(db.text(IN_NO_PLACE), "lost jobs");
  }
}
