package dev.reseolio.server.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What was read from some files, read again when one of them changes. Whoever asks looks, at most
/// five times a second, so that nothing runs while nobody asks. A file that is gone or no longer
/// good changes nothing, but for a line in the log: a slip while editing must not lock everybody
/// out.
public final class Watched<T> {
  private static final System.Logger LOG = System.getLogger(Watched.class.getName());
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final String ATTRIBUTES = "unix:mode,uid,ino,size,lastModifiedTime,ctime";

  private final List<Path> files;
  private final Loader<T> loader;
  private final LongSupplier nanos;
  private volatile T value;
  private volatile long lookedAt;
  private List<Map<String, Object>> seen;

  /// Reads the files.
  public interface Loader<T> {
    /// @throws UnusableFileException saying what is wrong and what to do, without secrets
    T load() throws UnusableFileException;
  }

  private Watched(List<Path> files, Loader<T> loader, LongSupplier nanos)
      throws UnusableFileException {
    this.files = files;
    this.loader = loader;
    this.nanos = nanos;
    this.seen = look();
    this.value = loader.load();
    this.lookedAt = nanos.getAsLong();
  }

  public static <T> Watched<T> of(List<Path> files, Loader<T> loader) throws UnusableFileException {
    return of(files, loader, System::nanoTime);
  }

  static <T> Watched<T> of(List<Path> files, Loader<T> loader, LongSupplier nanos)
      throws UnusableFileException {
    return new Watched<>(files, loader, nanos);
  }

  /// What the files say now.
  public T get() {
    if (nanos.getAsLong() - lookedAt >= PAUSE_NANOS) {
      refresh();
    }
    return value;
  }

  /// The same, looked at just now: for who misses what may have been added a moment ago.
  public T latest() {
    look(nanos.getAsLong());
    return value;
  }

  private synchronized void refresh() {
    long now = nanos.getAsLong();
    if (now - lookedAt >= PAUSE_NANOS) {
      look(now);
    }
  }

  private synchronized void look(long at) {
    var now = look();
    if (!now.equals(seen)) {
      seen = now;
      reload();
    }
    lookedAt = at;
  }

  private void reload() {
    try {
      value = loader.load();
      LOG.log(
          System.Logger.Level.INFO,
          "read again: " + files,
          Map.entry("event", "security_files_reloaded"));
    } catch (UnusableFileException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "What was read before stays in force: " + e.getMessage(),
          Map.entry("event", "security_files_unusable"));
    }
  }

  private List<Map<String, Object>> look() {
    return files.stream().map(Watched::attributes).toList();
  }

  private static Map<String, Object> attributes(Path file) {
    try {
      return new TreeMap<>(Files.readAttributes(file, ATTRIBUTES));
    } catch (IOException e) {
      @Nullable String why = e.getMessage();
      return Map.of("missing", String.valueOf(why));
    }
  }
}
