package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FencedBeatTest {
  @Test
  void aNodeThatWasTakenOverHearsItFromItsBeat() {
    try (var fixture = new StoreFixture()) {
      var nodes = fixture.store.nodes();
      NodeRef frozen = nodes.join("frozen", "test");
      nodes.beat(frozen, 1, new UUID(0, 0), new int[] {});
      NodeRef other = nodes.join("other", "test");
      assertTrue(nodes.takeOver(other, frozen.id(), 5));
      StoreException fenced =
          assertThrows(
              StoreException.class, () -> nodes.beat(frozen, 2, new UUID(0, 0), new int[] {}));
      assertEquals(StoreException.Kind.FENCED, fenced.kind());
      nodes.beat(other, 1, new UUID(0, 0), new int[] {});
    }
  }
}
