package dev.reseolio.engine.cluster;

import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Shows one peer, and more if there are, as the test says.
final class OnePeer implements Nodes {
  final List<Integer> takenOver = new ArrayList<>();
  Peer peer = new Peer(7, 1, true, true, false);
  final List<UUID> beats = new ArrayList<>();
  final List<Integer> awaited = new ArrayList<>();
  boolean away;
  final List<Peer> more = new ArrayList<>();
  boolean loss;
  boolean refusesWaits;
  Runnable whileWaiting = () -> {};
  private int joined;

  @Override
  public NodeRef join(String name, String version) {
    return new NodeRef(++joined, UUID.randomUUID());
  }

  @Override
  public List<Peer> peers(NodeRef me) {
    if (away) {
      throw new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);
    }
    List<Peer> all = new ArrayList<>(more);
    all.add(peer);
    return all;
  }

  @Override
  public boolean awaitLoss(int node, Duration patience) {
    awaited.add(node);
    if (refusesWaits) {
      throw new StoreException(StoreException.Kind.REJECTED, "no right", null);
    }
    whileWaiting.run();
    return loss;
  }

  @Override
  public boolean takeOver(NodeRef me, int victim, int crashBudget) {
    return takenOver.add(victim);
  }

  @Override
  public void leave(NodeRef me) {}

  @Override
  public void beat(NodeRef me, long counter, UUID lowId, int[] offeredFunctionIds) {
    beats.add(lowId);
  }

  @Override
  public int sweepFenced(NodeRef me, int crashBudget) {
    return 0;
  }

  @Override
  public List<Ring> awaitRings(Duration timeout) {
    return List.of();
  }

  @Override
  public void reconnect(NodeRef me) {}

  @Override
  public void ring(Ring ring) {}

  @Override
  public void close() {}
}
