package dev.reseolio.simulation.database;

import dev.reseolio.engine.store.Nodes.Ring;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session that bears the number of a node. The database sees it end when the process dies, and
/// late or never when the network does.
public final class DatabaseSession {
  private final int node;
  private final boolean control;
  private final Deque<Ring> rings = new ArrayDeque<>();
  private boolean ended;
  private @Nullable Runnable onRing;

  DatabaseSession(int node, boolean control) {
    this.node = node;
    this.control = control;
  }

  public int node() {
    return node;
  }

  boolean control() {
    return control;
  }

  public boolean ended() {
    return ended;
  }

  public void end() {
    ended = true;
    wake();
  }

  void hear(Ring ring) {
    rings.add(ring);
    wake();
  }

  private void wake() {
    if (onRing != null) {
      onRing.run();
    }
  }

  public void onRing(@Nullable Runnable wake) {
    onRing = wake;
  }

  public boolean silent() {
    return rings.isEmpty();
  }

  /// Takes what has been rung.
  public List<Ring> take() {
    List<Ring> all = new ArrayList<>(rings);
    rings.clear();
    return all;
  }
}
