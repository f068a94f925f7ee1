package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Makes start and stop of one data directory exclusive between processes (a file lock, gone with
/// the process that held it) and inside this one (file locks are per process, not per thread).
final class DirLock implements AutoCloseable {
  private static final ConcurrentHashMap<Path, ReentrantLock> HERE = new ConcurrentHashMap<>();

  private final ReentrantLock here;
  private final FileChannel channel;

  private DirLock(ReentrantLock here, FileChannel channel) {
    this.here = here;
    this.channel = channel;
  }

  /// Waits without limit: the holder is starting or stopping a server, which ends or dies.
  static DirLock acquire(Path file, Consumer<String> progress) {
    var here = HERE.computeIfAbsent(file, f -> new ReentrantLock());
    here.lock();
    try {
      return new DirLock(here, lock(file, progress));
    } catch (IOException e) {
      here.unlock();
      throw new EmbeddedPostgresException(
          "Cannot lock %s (%s). The data directory must be on a file system with locks and be"
                  .formatted(file, Text.reason(e))
              + " owned by this user.",
          e);
    }
  }

  private static FileChannel lock(Path file, Consumer<String> progress) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        progress.accept("waiting for another process that starts or stops this PostgreSQL");
        var _ = channel.lock();
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try (channel) {
      here.unlock();
    } catch (IOException e) {
      throw new EmbeddedPostgresException("Cannot release the lock of the data directory", e);
    }
  }
}
