package dev.reseolio.internal.sidecar;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A lock file that holds its owner's pid. A file whose owner is dead is taken over: moved aside
/// first, so that of two processes that see it only one gets it, and put back should it turn out to
/// be a fresh one.
final class PidLock implements AutoCloseable {
  /// An empty file is one whose owner has not written its pid yet, unless it is older than this.
  private static final Duration WRITING = Duration.ofSeconds(5);

  private final Path file;

  private PidLock(Path file) {
    this.file = file;
  }

  /// The lock, or null when a live process has it.
  static @Nullable PidLock tryAcquire(Path file) throws IOException {
    Path mine =
        file.resolveSibling(
            "lock." + ProcessHandle.current().pid() + "." + Thread.currentThread().getId());
    Files.writeString(mine, Long.toString(ProcessHandle.current().pid()));
    try {
      return link(mine, file) || (removeIfStale(file) && link(mine, file))
          ? new PidLock(file)
          : null;
    } finally {
      Files.deleteIfExists(mine);
    }
  }

  /// A hard link appears with its content, at once or not at all.
  private static boolean link(Path mine, Path file) throws IOException {
    try {
      Files.createLink(file, mine);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private static boolean removeIfStale(Path file) throws IOException {
    if (!isStale(file)) {
      return false;
    }
    Path aside = file.resolveSibling("lock.stale." + ProcessHandle.current().pid());
    try {
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      return true;
    }
    boolean stale = isStale(aside);
    if (!stale) {
      link(aside, file);
    }
    Files.deleteIfExists(aside);
    return stale;
  }

  private static boolean isStale(Path file) throws IOException {
    try {
      String content = Files.readString(file).strip();
      if (content.isEmpty()) {
        return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(WRITING));
      }
      return !ProcessHandle.of(Long.parseLong(content)).map(ProcessHandle::isAlive).orElse(false);
    } catch (NoSuchFileException e) {
      return false;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
