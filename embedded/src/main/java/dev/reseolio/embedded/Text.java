package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/// Small files and words: private files written atomically, the end of a log, trees removed.
final class Text {
  private Text() {}

  /// What went wrong, in words: the kind of failure when the message is only a path.
  static String reason(IOException e) {
    return e.getClass().getSimpleName().replace("Exception", "") + ": " + e.getMessage();
  }

  /// Writes `content` readable by the owner only (0600); a reader sees all of it or nothing.
  static void write(Path file, String content) throws IOException {
    var temp = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(temp);
    Files.createFile(
        temp, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(temp, content, StandardOpenOption.WRITE);
    Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// What was appended to `file` after `from` bytes; empty when the file is missing.
  static String since(Path file, long from) {
    try (var channel = Files.newInputStream(file)) {
      channel.skipNBytes(from);
      return new String(channel.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /// Removes a folder and all in it; links are removed, not followed.
  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
