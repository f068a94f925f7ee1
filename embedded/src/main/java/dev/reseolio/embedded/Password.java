package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The password of the cluster: 192 random bits in a file only the owner reads (0600).
final class Password {
  private static final int BYTES = 24;

  private Password() {}

  static String of(DataDir dir) {
    try {
      if (Files.exists(dir.password())) {
        return Files.readString(dir.password()).strip();
      }
      if (dir.initialised()) {
        throw new EmbeddedPostgresException(
            "%s is missing, so the cluster in %s cannot be opened. Restore the file, or move the data directory away to begin anew."
                .formatted(dir.password(), dir.data()));
      }
      return create(dir);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot read or write %s (%s). It must belong to this user."
              .formatted(dir.password(), Text.reason(e)),
          e);
    }
  }

  private static String create(DataDir dir) throws IOException {
    var random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    var password = HexFormat.of().formatHex(random);
    Text.write(dir.password(), password + "\n");
    return password;
  }
}
