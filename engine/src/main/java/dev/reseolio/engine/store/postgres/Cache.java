package dev.reseolio.engine.store.postgres;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What was read of the database and stays true. Clients choose how much there is to know, so it
/// forgets everything when it has grown to its bound: what is asked for again is read again.
final class Cache<K, V> {
  private final int most;
  private final Map<K, V> known = new ConcurrentHashMap<>();

  Cache(int most) {
    this.most = most;
  }

  @Nullable V get(K key) {
    return known.get(key);
  }

  void put(K key, V value) {
    if (known.size() >= most) {
      known.clear();
    }
    known.put(key, value);
  }
}
