package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A flush whose reply was lost is sent again. Found by the simulation: both left a job that was
/// leased to a node which knew nothing of it.
@Timeout(60)
class ResentFlushTest {
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '%s' AND %s";
  private static final StoreFixture DB = new StoreFixture();

  private final PostgresNodes nodes = new PostgresNodes(DB.store.connections());
  private final Writer writer = DB.store.openWriter();
  private NodeRef me = new NodeRef(0, UUID.randomUUID());
  private Lane lane = new Lane(0, 0, "", "");

  @BeforeEach
  void join() {
    me = nodes.join("n", "1");
    lane = DB.jobs().lane("f", "default");
  }

  @AfterEach
  void leave() {
    writer.close();
    nodes.close();
  }

  @AfterAll
  static void close() {
    DB.close();
  }

  @Test
  void aJobThatWasCreatedIsItsOwnAlthoughItsKeyExpiredAndWasTaken() {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    writer.flush(me, new Flushes().keyed(first, lane, "k").build());
    DB.execute("UPDATE job_key SET expires_at = now() WHERE id = '%s'".formatted(first));
    assertEquals(
        Map.of(second, second),
        writer.flush(me, new Flushes().keyed(second, lane, "k").build()).keyed());
    assertEquals(
        Map.of(first, first),
        writer.flush(me, Flushes.again(new Flushes().keyed(first, lane, "k").build())).keyed());
  }

  @Test
  void whatALostConnectionWasAtWorkOnIsOverBeforeTheFlushIsSentAgain() throws Exception {
    UUID id = Flushes.id();
    try (Connection blocker = DB.application();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("LOCK TABLE reseolio.job_key IN ACCESS EXCLUSIVE MODE");
      CompletableFuture<StoreException> lost = failing(new Flushes().keyed(id, lane, "l").build());
      while ("0".equals(DB.text(WAITING.formatted(name(), "true")))) {
        Thread.onSpinWait();
      }
      String backend = DB.text(WAITING.replace("count(*)", "min(pid)").formatted(name(), "true"));
      writer.reset();
      assertEquals(StoreException.Kind.UNAVAILABLE, lost.get().kind());
      CompletableFuture<Void> resent =
          CompletableFuture.runAsync(
              () -> writer.flush(me, Flushes.again(new Flushes().keyed(id, lane, "l").build())));
      while ("0".equals(DB.text(WAITING.formatted(name(), "pid <> " + backend)))) {
        Thread.onSpinWait();
      }
      assertEquals("0", DB.text(WAITING.formatted(name(), "pid = " + backend)));
      blocker.rollback();
      resent.get();
    }
    assertEquals("1", DB.text("SELECT count(*) FROM job WHERE id = '%s'".formatted(id)));
  }

  private CompletableFuture<StoreException> failing(Flush flush) {
    return CompletableFuture.supplyAsync(
        () -> assertThrows(StoreException.class, () -> writer.flush(me, flush)));
  }

  private String name() {
    return Sessions.name("reseolio", me.id());
  }
}
