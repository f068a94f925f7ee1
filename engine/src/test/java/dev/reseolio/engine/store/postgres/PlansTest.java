package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Plans are made when queues are empty and used when they are full. An ANALYZE at a quiet moment
/// once made every claim read the whole backlog.
class PlansTest {
  private static final StoreFixture DB = new StoreFixture();

  /// Every table has had rows, and statistics that say it has none.
  @BeforeAll
  static void analyzeEmptiedTables() {
    DB.execute(
        """
        SELECT enqueue('f', to_jsonb(repeat('a', 500))) FROM generate_series(1, 2000);
        INSERT INTO lease (id, lane, owner, attempt, failures, crashes) SELECT id, lane, 1, 1, 0, 0 FROM ready;
        DELETE FROM lease;
        DELETE FROM ready;
        ANALYZE\
        """);
  }

  @AfterAll
  static void close() {
    DB.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"CLAIM", "UNLEASE", "FINISH", "AGAIN"})
  void noStatementReadsAllOfAQueue(WriterSql part) {
    List<String> plan = DB.store.connections().with(connection -> plan(connection, part.sql()));
    String text = String.join("\n", plan);
    for (int i = 0; i < plan.size(); i++) {
      assertFalse(plan.get(i).contains("Bitmap"), text);
      assertFalse(plan.get(i).contains("Sort Key: r."), text);
      if (plan.get(i).matches(".*(Seq|Index) Scan.* on (ready|lease|job_p|done_p|attempt_p).*")) {
        assertTrue(plan.get(i + 1).contains("Index Cond"), text);
      }
    }
  }

  private static List<String> plan(Connection connection, String sql) throws SQLException {
    String[] between = sql.split("\\?", -1);
    StringBuilder numbered = new StringBuilder(between[0]);
    for (int i = 1; i < between.length; i++) {
      numbered.append('$').append(i).append(between[i]);
    }
    String nulls = String.join(", ", Collections.nCopies(between.length - 1, "NULL"));
    List<String> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute("PREPARE planned AS " + numbered);
      try (var rows = statement.executeQuery("EXPLAIN EXECUTE planned (" + nulls + ")")) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
      statement.execute("DEALLOCATE planned");
    }
    return lines;
  }
}
