package dev.reseolio.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reseolio.engine.machine.RealMachine;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final UUID LOW = new UUID(1, 1);

  private final OnePeer nodes = new OnePeer();
  private final Membership membership = new Membership(RealMachine.INSTANCE, nodes, "n", "1");

  @Test
  void aNodeBeatsWithItsLowId() {
    membership.beat(() -> LOW, List.of(2, 1));
    assertEquals(List.of(LOW), nodes.beats);
  }

  /// After a failover, a beat between forgetting and registering anew told the old incarnation's
  /// row that it held nothing: the takeover missed jobs, which never ran again.
  @Test
  void anAbandonedIncarnationDoesNotSayThatItHoldsNothing() {
    membership.beat(
        () -> {
          membership.abandon();
          return LOW;
        },
        List.of());
    membership.beat(() -> LOW, List.of());
    assertEquals(List.of(), nodes.beats);
    membership.renew();
    membership.beat(() -> LOW, List.of());
    assertEquals(List.of(LOW), nodes.beats);
  }

  @Test
  void aLowIdOfTheFormerIncarnationIsNotThatOfTheNext() {
    membership.beat(
        () -> {
          membership.abandon();
          membership.renew();
          return LOW;
        },
        List.of());
    assertEquals(List.of(), nodes.beats);
  }
}
