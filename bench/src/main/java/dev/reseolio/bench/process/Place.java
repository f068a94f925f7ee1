package dev.reseolio.bench.process;

import dev.reseolio.bench.app.Client;
import dev.reseolio.bench.app.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where things are: the repository, the sidecar that is measured, and a folder for what comes and
/// goes.
public record Place(Path repository, Path sidecar, Path work) {
  /// The languages an application can be written in.
  public enum Language {
    JAVA,
    NODE
  }

  public Place {
    if (!Files.isExecutable(sidecar)) {
      throw new IllegalStateException("there is no " + sidecar + "; build it with: make dist");
    }
  }

  /// The sidecar that RESEOLIO_BIN names, else the one of `make build`.
  public static Place of(Path repository, Path work) {
    String named = System.getenv("RESEOLIO_BIN");
    Path built = repository.resolve("cli/target/reseolio/bin/reseolio");
    return new Place(repository, named == null ? built : repository.resolve(named), work);
  }

  /// A process of an application: `client` calls, `worker` runs.
  public Program application(Language language, String role, String address, String... more) {
    List<String> command = new ArrayList<>();
    switch (language) {
      case JAVA -> {
        command.addAll(List.of(java(), "-Xmx512m", "-cp", System.getProperty("java.class.path")));
        command.add(role.equals("client") ? Client.class.getName() : Worker.class.getName());
      }
      case NODE -> {
        command.add("node");
        command.add(repository.resolve("bench/node/" + role + ".mjs").toString());
      }
    }
    command.add(address);
    command.addAll(List.of(more));
    return Program.start(work, role, command, Map.of());
  }

  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
