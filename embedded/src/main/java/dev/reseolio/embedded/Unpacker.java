package dev.reseolio.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// Unpacks a `.txz` into a folder that appears whole or not at all: into a neighbour first, then
/// renamed. Two processes may do it at once; the slower one throws its copy away.
final class Unpacker {
  private static final int OWNER_EXECUTE = 0100;

  private Unpacker() {}

  static void unpack(InputStream archive, Path target) throws IOException {
    var temp = Files.createTempDirectory(target.getParent(), target.getFileName() + ".tmp-");
    try {
      Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
      extract(archive, temp);
      publish(temp, target);
    } finally {
      Text.deleteTree(temp);
    }
  }

  private static void publish(Path temp, Path target) throws IOException {
    try {
      Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private static void extract(InputStream archive, Path folder) throws IOException {
    try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        extract(tar, entry, inside(folder, entry.getName()));
      }
    }
  }

  private static Path inside(Path folder, String name) throws IOException {
    var path = folder.resolve(name).normalize();
    if (!path.startsWith(folder)) {
      throw new IOException("archive entry outside of the archive: " + name);
    }
    return path;
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path path)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      file(tar, path, (entry.getMode() & OWNER_EXECUTE) != 0);
    }
  }

  private static void file(InputStream content, Path path, boolean executable) throws IOException {
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var mode = PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--");
    try (var channel = FileChannel.open(path, options, PosixFilePermissions.asFileAttribute(mode));
        var out = Channels.newOutputStream(channel)) {
      content.transferTo(out);
      channel.force(false);
    }
  }
}
