package dev.reseolio.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where things are: the repository, the sidecar that is measured, and a folder for what comes and
/// goes.
record Place(Path repository, Path sidecar, Path work) {
  /// The languages an application can be written in.
  enum Language {
    JAVA,
    NODE
  }

  Place {
    if (!Files.isExecutable(sidecar)) {
      throw new IllegalStateException("there is no " + sidecar + "; build it with: make dist");
    }
  }

  /// The sidecar that RESEOLIO_BIN names, else the one of `make build`.
  static Place of(Path repository, Path work) {
    String named = System.getenv("RESEOLIO_BIN");
    Path built = repository.resolve("cli/target/reseolio/bin/reseolio");
    return new Place(repository, named == null ? built : repository.resolve(named), work);
  }

  /// A process of an application: `client` calls, `worker` runs.
  Program application(Language language, String role, String address, String... more) {
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

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
