package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A key names one job.
@Timeout(60)
class WriterKeysTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterKeysTest() {
    super(DB);
  }

  @Test
  void aKeyNamesOneJob() {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    assertEquals(Map.of(first, first), flush(new Flushes().keyed(first, lane, "k")).keyed());
    FlushReply reply = flush(new Flushes().keyed(second, lane, "k"));
    assertEquals(Map.of(second, first), reply.keyed());
    assertEquals(Set.of(), reply.inserted());
    assertEquals("0", count("job", second));
  }

  @Test
  void aKeyBelongsToItsFunctionWhateverTheQueue() {
    Lane other = DB.jobs().lane("g" + functions, "default");
    Lane slow = DB.jobs().lane(lane.function(), "slow");
    UUID a = Flushes.id();
    UUID b = Flushes.id();
    UUID c = Flushes.id();
    flush(new Flushes().keyed(a, lane, "k").keyed(b, other, "k"));
    assertEquals("1", count("job", a));
    assertEquals("1", count("job", b));
    assertEquals(Map.of(c, a), flush(new Flushes().keyed(c, slow, "k")).keyed());
  }

  @Test
  void anExpiredKeyIsFree() {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    flush(new Flushes().keyed(first, lane, "k"));
    DB.execute("UPDATE job_key SET expires_at = now() WHERE id = '%s'".formatted(first));
    FlushReply reply = flush(new Flushes().keyed(second, lane, "k"));
    assertEquals(Map.of(second, second), reply.keyed());
    assertEquals(Set.of(second), reply.inserted());
  }

  @Test
  void ofTwoWritersWithTheSameKeysInOppositeOrdersOneWinsEach() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    NodeRef other = nodes(1).getFirst();
    try (Writer second = DB.store.openWriter()) {
      for (int round = 0; round < 20; round++) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          keys.add("r" + round + "k" + i);
        }
        CyclicBarrier both = new CyclicBarrier(2);
        Collections.shuffle(keys, random);
        CompletableFuture<Map<String, UUID>> a = race(writer, me, keys, both);
        CompletableFuture<Map<String, UUID>> b = race(second, other, keys.reversed(), both);
        assertEquals(a.get(), b.get(), "seed " + seed);
        assertEquals(50, new HashSet<>(a.get().values()).size(), "seed " + seed);
      }
    }
    assertEquals("1000", DB.text("SELECT count(*) FROM job WHERE lane = %d".formatted(lane.id())));
  }

  private CompletableFuture<Map<String, UUID>> race(
      Writer on, NodeRef node, List<String> keys, CyclicBarrier start) {
    Map<UUID, String> mine = new LinkedHashMap<>();
    keys.forEach(key -> mine.put(Flushes.id(), key));
    Flushes flush = new Flushes();
    mine.forEach((id, key) -> flush.keyed(id, lane, key));
    return CompletableFuture.supplyAsync(() -> {
      await(start);
      FlushReply reply = on.flush(node, flush.build());
      Map<String, UUID> holders = new HashMap<>();
      mine.forEach((id, key) -> holders.put(key, reply.keyed().get(id)));
      mine.forEach(
          (id, key) -> assertEquals(reply.inserted().contains(id), id.equals(holders.get(key))));
      return holders;
    });
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<NodeRef> nodes(int count) {
    List<NodeRef> refs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID token = UUID.randomUUID();
      String id =
          DB.text(
              "INSERT INTO node (token, name, version) VALUES ('%s', 'n', '1') RETURNING id"
                  .formatted(token));
      DB.execute(
          "INSERT INTO node_beat VALUES (%s, 0, id_of(now() - interval '1 minute'))".formatted(id));
      refs.add(new NodeRef(Integer.parseInt(String.valueOf(id)), token));
    }
    return refs;
  }
}
