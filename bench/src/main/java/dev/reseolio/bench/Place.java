package dev.reseolio.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where things are: the repository that is measured, and a folder for what comes and goes.
record Place(Path repository, Path work) {
  /// The languages an application can be written in.
  enum Language {
    JAVA,
    NODE
  }

  Place {
    if (!Files.isExecutable(sidecar(repository))) {
      throw new IllegalStateException(
          "there is no " + sidecar(repository) + "; build it with: make build");
    }
  }

  private static Path sidecar(Path repository) {
    return repository.resolve("cli/target/reseolio/bin/reseolio");
  }

  Path sidecar() {
    return sidecar(repository);
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
