package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;

/// What must hold after every scene, straight from the tables.
final class Checker {
  private final Scene scene;

  Checker(Scene scene) {
    this.scene = scene;
  }

  void check(int expectedDead) throws SQLException {
    String[] acknowledged = scene.calls().acknowledged().toArray(String[]::new);
    String[] refused = scene.calls().refused().toArray(String[]::new);
    assertTrue(acknowledged.length > 0, "nothing was acknowledged: the test proves nothing");
    none(
        "acknowledged and lost",
        "SELECT a FROM unnest(?::uuid[]) a WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = a)",
        (Object) acknowledged);
    none(
        "refused and there",
        "SELECT j.id FROM reseolio.job j WHERE j.tags && ?::text[]",
        (Object) refused);
    none(
        "in more than one table",
        "SELECT id FROM (SELECT id FROM reseolio.done UNION ALL SELECT id FROM reseolio.ready UNION ALL SELECT id FROM reseolio.timer UNION ALL SELECT id FROM reseolio.lease) s GROUP BY id HAVING count(*) > 1");
    none(
        "ended without a job",
        "SELECT d.id FROM reseolio.done d WHERE NOT EXISTS (SELECT FROM reseolio.job j WHERE j.id = d.id)");
    none(
        "attempts with gaps",
        "SELECT d.id || ' ended with attempt ' || d.attempt || ', before it ' || array_agg(a.attempt)::text FROM reseolio.done d LEFT JOIN reseolio.attempt a ON a.job = d.id GROUP BY d.id, d.attempt HAVING count(a.job) <> d.attempt - 1 OR max(a.attempt) >= d.attempt");
    none("succeeded twice", "SELECT job FROM reseolio.attempt WHERE outcome = 1");
    none(
        "failures charged without a failure",
        "SELECT d.id FROM reseolio.done d WHERE d.failures <> (SELECT count(*) FROM reseolio.attempt a WHERE a.job = d.id AND a.outcome IN (2, 3)) AND d.status = 5");
    effects();
    assertEquals(
        expectedDead,
        scene.longs("SELECT count(*) FROM reseolio.done WHERE status <> 5"),
        "dead jobs");
    long jobs = scene.longs("SELECT count(*) FROM reseolio.job");
    long most = acknowledged.length + scene.calls().unknown();
    assertTrue(jobs <= most, jobs + " jobs, but only " + most + " acknowledged or unknown");
    scene.told(
        "checked",
        "%d jobs, %d acknowledged, refused %s, ran more than once %d, ended more than once %d"
            .formatted(
                jobs,
                acknowledged.length,
                scene.calls().failures(),
                scene.longs(
                    "SELECT count(*) FROM (SELECT job FROM effect WHERE kind = 'start' GROUP BY job HAVING count(*) > 1) s"),
                scene.longs(
                    "SELECT count(*) FROM (SELECT job FROM effect WHERE kind = 'end' GROUP BY job HAVING count(*) > 1) s")));
  }

  private void effects() throws SQLException {
    none(
        "succeeded without its effect",
        "SELECT d.id FROM reseolio.done d WHERE d.status = 5 AND NOT EXISTS (SELECT FROM effect e WHERE e.job = d.id AND e.attempt = d.attempt AND e.kind = 'end')");
    none(
        "an attempt started twice",
        "SELECT job || ' attempt ' || attempt FROM effect WHERE kind = 'start' GROUP BY job, attempt HAVING count(*) > 1");
    none(
        "an attempt after the end",
        "SELECT e.job FROM effect e JOIN reseolio.done d ON d.id = e.job WHERE e.attempt > d.attempt");
    none(
        "an effect of no job",
        "SELECT e.job FROM effect e WHERE NOT EXISTS (SELECT FROM reseolio.job j WHERE j.id = e.job)");
  }

  private void none(String what, String query, Object... values) throws SQLException {
    assertEquals(List.of(), scene.texts(query + " LIMIT 5", values), what);
  }
}
