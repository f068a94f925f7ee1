package dev.reseolio.server.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Reads a file that only its owner may read.
public final class PrivateFile {
  private static final int OTHERS = 0007;
  private static final int GROUP = 0070;
  private static final int GROUP_READ = 0040;
  private static final int ROOT = 0;

  private PrivateFile() {}

  /// The text of `file`, a UTF-8 file of mode 0600 or less. One that belongs to root may be
  /// readable by a group: that is how secrets are mounted into containers.
  ///
  /// @throws UnusableFileException when it cannot be read, or by too many
  public static String read(Path file) throws UnusableFileException {
    try {
      refuseIfOpen(file);
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UnusableFileException(
          "'%s' cannot be read (%s). It must be a UTF-8 file that the user of this process can read."
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  private static void refuseIfOpen(Path file) throws IOException, UnusableFileException {
    Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid");
    int mode = number(attributes, "mode");
    int group = number(attributes, "uid") == ROOT ? mode & GROUP & ~GROUP_READ : mode & GROUP;
    if ((mode & OTHERS) != 0 || group != 0) {
      throw new UnusableFileException(
          "'%s' has mode %04o, so others can read or change it. Run: chmod 600 '%s'"
              .formatted(file, mode & 07777, file));
    }
  }

  private static int number(Map<String, Object> attributes, String name) {
    return attributes.get(name) instanceof Integer number ? number : -1;
  }
}
