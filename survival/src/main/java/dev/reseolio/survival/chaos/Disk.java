package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A small file system of its own, which can get full.
final class Disk implements AutoCloseable {
  private final Path folder;

  private Disk(Path folder) {
    this.folder = folder;
  }

  /// Needs the right to mount.
  static Disk mount(Path folder, int megabytes) throws IOException {
    Files.createDirectories(folder);
    boolean mounted =
        Signals.run(
            "mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
    if (!mounted) {
      throw new IllegalArgumentException(
          "cannot mount a disk of its own: run as root, or without disk=");
    }
    return new Disk(folder);
  }

  /// Takes all that is left of it.
  ///
  /// @return the file to delete
  Path fill() throws IOException {
    Path ballast = folder.resolve("ballast");
    byte[] block = new byte[1 << 16];
    try (var file = Files.newOutputStream(ballast)) {
      while (true) {
        file.write(block);
      }
    } catch (IOException full) {
      return ballast;
    }
  }

  @Override
  public void close() {
    Signals.run("umount", folder.toString());
  }
}
