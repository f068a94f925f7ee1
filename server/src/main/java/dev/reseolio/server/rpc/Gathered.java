package dev.reseolio.server.rpc;

import dev.reseolio.engine.watch.Telling;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// Collects what one stream has to hear of a commit, so that it hears it in one message.
final class Gathered<T> {
  private final Queue<T> items = new ConcurrentLinkedQueue<>();
  private final Runnable send;

  Gathered(Consumer<List<T>> message) {
    send = () -> send(message);
  }

  void add(T item) {
    items.add(item);
    Telling.afterwards(send);
  }

  private void send(Consumer<List<T>> message) {
    List<T> some = new ArrayList<>();
    for (T item; (item = items.poll()) != null; ) {
      some.add(item);
    }
    if (!some.isEmpty()) {
      message.accept(some);
    }
  }
}
