package dev.reseolio.embedded;

import java.io.OutputStream;
import java.nio.file.Path;

/// A process of its own that starts or joins a server, says `<pid> <port>` and stays until its
/// input ends; then it leaves properly.
final class Starter {
  private Starter() {}

  public static void main(String[] arguments) throws Exception {
    try (var postgres =
        EmbeddedPostgres.start(Path.of(arguments[0]), line -> System.err.println(line))) {
      System.out.println(postgres.pid() + " " + postgres.port());
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
