package dev.reseolio.engine.flush;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// New jobs that wait for a flush: those of one source in their order, and the sources by turns.
final class Arrivals {
  /// Sources with jobs, the one whose turn it is first.
  private final ArrayDeque<Source> turns = new ArrayDeque<>();

  synchronized void add(Enqueue enqueue) {
    Source source = enqueue.source();
    if (source.waiting.isEmpty()) {
      turns.add(source);
    }
    source.waiting.add(enqueue);
  }

  synchronized boolean isEmpty() {
    return turns.isEmpty();
  }

  synchronized @Nullable Enqueue poll() {
    Source source = turns.poll();
    if (source == null) {
      return null;
    }
    Enqueue next = source.waiting.remove();
    if (!source.waiting.isEmpty()) {
      turns.add(source);
    }
    return next;
  }

  /// Takes out those whose time is up.
  synchronized List<Enqueue> pollExpired(long nowNanos) {
    List<Enqueue> expired = new ArrayList<>();
    for (Source source : turns) {
      for (Iterator<Enqueue> i = source.waiting.iterator(); i.hasNext(); ) {
        Enqueue enqueue = i.next();
        if (enqueue.expired(nowNanos)) {
          i.remove();
          expired.add(enqueue);
        }
      }
    }
    turns.removeIf(source -> source.waiting.isEmpty());
    return expired;
  }

  /// All of them, which stay.
  synchronized List<Enqueue> all() {
    List<Enqueue> all = new ArrayList<>();
    turns.forEach(source -> all.addAll(source.waiting));
    return all;
  }

  /// False: it has been taken out already.
  synchronized boolean remove(Enqueue enqueue) {
    Source source = enqueue.source();
    boolean was = source.waiting.remove(enqueue);
    if (was && source.waiting.isEmpty()) {
      turns.remove(source);
    }
    return was;
  }
}
