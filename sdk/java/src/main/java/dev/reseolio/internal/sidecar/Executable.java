package dev.reseolio.internal.sidecar;

import dev.reseolio.ReseolioException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the `reseolio` command: as given, else RESEOLIO_BIN, else on the PATH.
final class Executable {
  private Executable() {}

  static Path find(@Nullable Path given, Map<String, String> environment) {
    if (given != null) {
      return require(given, "Sidecar.executable");
    }
    String named = environment.get("RESEOLIO_BIN");
    if (named != null && !named.isEmpty()) {
      return require(Path.of(named), "RESEOLIO_BIN");
    }
    return onPath("reseolio", environment);
  }

  private static Path require(Path path, String source) {
    if (!isProgram(path)) {
      throw missing(
          "The sidecar's executable "
              + path
              + ", named by "
              + source
              + ", is not an executable file; correct the path");
    }
    return path.toAbsolutePath();
  }

  private static Path onPath(String name, Map<String, String> environment) {
    List<String> looked = new ArrayList<>();
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, name);
      if (!directory.isEmpty() && isProgram(candidate)) {
        return candidate.toAbsolutePath();
      }
      looked.add(candidate.toString());
    }
    throw missing(
        "No `reseolio` executable: Sidecar.executable is not set, RESEOLIO_BIN is not set, and none of these exists: "
            + String.join(", ", looked)
            + "; install reseolio, set RESEOLIO_BIN, or give the address of a running sidecar");
  }

  static boolean isProgram(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }

  private static ReseolioException missing(String message) {
    return new ReseolioException("sidecar_failed", message);
  }
}
