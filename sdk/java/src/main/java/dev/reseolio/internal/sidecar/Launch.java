package dev.reseolio.internal.sidecar;

import dev.reseolio.Sidecar;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a sidecar is started with. The storage goes through the environment, never the command
/// line, where every user could read it.
///
/// @param storage as it was given; else that of the environment, where the sidecar would find it
public record Launch(Sidecar options, Optional<String> storage, Map<String, String> environment) {
  public Launch {
    storage = storage.or(() -> set(environment, "RESEOLIO_STORAGE"));
  }

  /// Where the embedded database is when there is no storage.
  Path dataDirectory() {
    return Path.of(set(environment, "RESEOLIO_DATA_DIR").orElse(".reseolio"));
  }

  private static Optional<String> set(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  ProcessBuilder command(String... lifetime) {
    Path executable = Executable.find(options.executablePath(), environment);
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "server",
                "--address",
                "127.0.0.1:0",
                "--http-address",
                "127.0.0.1:0"));
    command.addAll(List.of(lifetime));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("RESEOLIO_TOKEN"); // of no use to it
    storage.ifPresent(value -> builder.environment().put("RESEOLIO_STORAGE", value));
    return builder;
  }

  Duration startTimeout() {
    return options.startTimeout(storage);
  }
}
