package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A flush is written as a whole or not at all.
@Timeout(60)
class WriterAtomicityTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterAtomicityTest() {
    super(DB);
  }

  private void writesNothing(NodeRef as, StoreException.Kind kind, Flush flush) {
    String before = rows();
    StoreException e = assertThrows(StoreException.class, () -> writer.flush(as, flush));
    assertEquals(kind, e.kind());
    assertEquals(before, rows());
  }

  /// A flush with every part there is.
  private Flushes everything() {
    UUID runs = Flushes.id();
    UUID spilled = Flushes.id();
    Claimed again = claimed();
    flush(new Flushes().leased(runs, lane).leased(spilled, lane).ready(Flushes.id(), lane));
    return new Flushes()
        .succeed(runs, lane, 1, false, "1")
        .end(again.id(), lane, 1, true, Flushes.again(1, null))
        .spill(spilled, lane, 1)
        .ready(Flushes.id(), lane)
        .leased(Flushes.id(), lane)
        .keyed(Flushes.id(), lane, "all")
        .claim(lane, 9)
        .adopt();
  }

  @Test
  void aFencedNodeWritesNothingAtAll() {
    Flushes all = everything();
    flush(everything()); // Prepared by now.
    DB.execute("UPDATE node SET state = 2 WHERE id = %d".formatted(me.id()));
    writesNothing(me, StoreException.Kind.FENCED, all.build());
    writesNothing(me, StoreException.Kind.FENCED, new Flushes().build());
  }

  @Test
  void aNodeWithTheNumberOfAnotherWritesNothingAtAll() {
    Flushes all = everything();
    NodeRef impostor = new NodeRef(me.id(), UUID.randomUUID());
    writesNothing(impostor, StoreException.Kind.FENCED, all.build());
  }

  @Test
  void aBadRowRollsBackTheWholeFlushAndTheNextOneGoesThrough() {
    Flushes all = everything();
    Lane none = new Lane(lane.id(), lane.functionId(), lane.function(), lane.queue());
    NewJob bad = NewJob.of(lane.function(), new Payload(new byte[6 << 10], null));
    DB.execute("ALTER TABLE job ADD CONSTRAINT small CHECK (length(args) < 5000)");
    try {
      all.insert(Flushes.id(), none, bad, false);
      writesNothing(me, StoreException.Kind.REJECTED, all.build());
      writesNothing(me, StoreException.Kind.REJECTED, all.build());
    } finally {
      DB.execute("ALTER TABLE job DROP CONSTRAINT small");
    }
    UUID id = Flushes.id();
    assertEquals(Set.of(id), flush(new Flushes().ready(id, lane)).inserted());
  }

  @Test
  void anIdOutsideThePartitionsIsRejectedNotRetried() {
    UUID ancient = new UUID(0x7000, 0x8000_0000_0000_0000L);
    writesNothing(me, StoreException.Kind.REJECTED, new Flushes().ready(ancient, lane).build());
  }

  @Test
  void aFlushIsOneTransactionHoweverOftenItsShapeWasUsed() {
    for (int i = 0; i < 4; i++) {
      UUID id = Flushes.id();
      UUID keyed = Flushes.id();
      UUID other = Flushes.id();
      flush(new Flushes().leased(other, lane));
      List<Claimed> claimed =
          flush(
                  new Flushes()
                      .succeed(other, lane, 1, false, "x".repeat(5000))
                      .ready(id, lane)
                      .keyed(keyed, lane, "one" + i)
                      .claim(lane, 2)
                      .adopt())
              .claimed();
      assertEquals(2, claimed.size());
      assertEquals(
          "1",
          DB.text(
              """
              SELECT count(DISTINCT x) FROM (
                SELECT xmin::text AS x FROM job WHERE id IN ('%1$s', '%2$s') UNION ALL SELECT xmin::text FROM done WHERE id = '%3$s'
                UNION ALL SELECT xmin::text FROM lease WHERE id IN ('%1$s', '%2$s')) every
              """
                  .formatted(id, keyed, other)));
      flush(
          new Flushes()
              .succeed(claimed.getFirst(), lane, "1")
              .succeed(claimed.getLast(), lane, "1"));
    }
  }
}
