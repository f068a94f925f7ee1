package dev.reseolio.server.net;

import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;

/// The file of a listening UNIX socket. `<path>.lock` is locked while it listens (and no longer,
/// however the process ends), so that two processes never take a stale file at the same time.
record SocketFile(Path path, FileChannel lock, AtomicBoolean closed) implements AutoCloseable {

  static SocketFile bind(ServerSocketChannel channel, Path path, int backlog) throws IOException {
    var lock = lock(path);
    try {
      refuseTaken(path);
      publish(channel, path, backlog);
      return new SocketFile(path, lock, new AtomicBoolean());
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    var file = path.resolveSibling(path.getFileName() + ".lock");
    var lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process: taken as well.
    }
    lock.close();
    throw new BindException("Address already in use: " + path);
  }

  private static void refuseTaken(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new BindException("Address already in use by a file that is not a socket: " + path);
    }
    if (somebodyListens(path)) {
      throw new BindException("Address already in use: " + path);
    }
  }

  private static boolean somebodyListens(Path path) {
    try (var probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /// Binds in a private folder beside the path, closes the file to others, and moves it there.
  private static void publish(ServerSocketChannel channel, Path path, int backlog)
      throws IOException {
    var parent = path.toAbsolutePath().getParent();
    var folder = Files.createTempDirectory(parent, ".r");
    var temp = folder.resolve("s");
    try {
      channel.bind(UnixDomainSocketAddress.of(temp), backlog);
      Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rw-------"));
      Files.move(temp, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temp);
      Files.deleteIfExists(folder);
    }
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      try (lock) {
        Files.deleteIfExists(path);
      }
    }
  }
}
