package dev.reseolio.examples.payments.demo;

import dev.reseolio.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Everything that has to be cleaned up: the PostgreSQL, its folder, and the processes. `close()`
/// ends it all and is safe from any thread, at any time and twice.
final class Stage implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([^\"]+)\"");

  private final Path home;
  private final Path logs;
  private final Path data;
  private final EmbeddedPostgres postgres;
  private final List<Child> children = new CopyOnWriteArrayList<>();
  private final List<Books> opened = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Stage(Path home, Path logs, Path data, EmbeddedPostgres postgres) {
    this.home = home;
    this.logs = logs;
    this.data = data;
    this.postgres = postgres;
  }

  /// @param home the repository's root
  static Stage open(Path home, Screen screen) throws IOException {
    Path logs = home.resolve("target/demo");
    deleteTree(logs);
    Files.createDirectories(logs);
    Path data = Files.createTempDirectory("reseolio-demo");
    try {
      return new Stage(home, logs, data, EmbeddedPostgres.start(data, screen::say));
    } catch (RuntimeException e) {
      deleteTree(data);
      throw e;
    }
  }

  /// The books, with their own tables made. Closed with the stage: whoever is still connected keeps
  /// the PostgreSQL running.
  Books books() throws SQLException {
    Books books = new Books(postgres.jdbcUrl());
    opened.add(books);
    books.create();
    return books;
  }

  /// Where the processes' logs stay after the run.
  Path logs() {
    return logs;
  }

  /// A sidecar on any free ports, on the same PostgreSQL as the others.
  Child sidecar(String name) throws IOException {
    String program = home.resolve("cli/target/reseolio/bin/reseolio").toString();
    return child(
        name,
        home,
        Map.of("RESEOLIO_DATA_DIR", data.toString()),
        List.of(program, "server", "--address=127.0.0.1:0", "--http-address=127.0.0.1:0"));
  }

  /// The gRPC address of a sidecar, as soon as it is ready.
  static String addressOf(Child sidecar) throws InterruptedException {
    String line = sidecar.ready(START);
    var address = ADDRESS.matcher(line);
    if (!address.find()) {
      throw new DemoException("Expected a ready line with an address, but got: " + line);
    }
    return address.group(1);
  }

  Child javaWorker(String name, String address) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    String jars = home.resolve("examples/payments/java/target/demo") + "/*";
    return child(
        name,
        home,
        environment(address),
        List.of(
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "-cp",
            jars,
            "dev.reseolio.examples.payments.PaymentWorker"));
  }

  Child typescriptWorker(String name, String address) throws IOException {
    return child(
        name,
        home.resolve("examples/payments/typescript"),
        environment(address),
        List.of("node", "--import", "tsx", "worker.ts"));
  }

  /// Back when all of them said that they are ready.
  static void awaitReady(List<Child> workers) throws InterruptedException {
    for (Child worker : workers) {
      worker.ready(START);
    }
  }

  private Map<String, String> environment(String address) {
    return Map.of(
        "RESEOLIO_ADDRESS",
        address,
        "DEMO_DATABASE_URL",
        postgres.url(),
        "FAIL_RATE",
        Double.toString(Demo.FAIL_RATE),
        "CARD_MILLIS",
        Demo.CARD_MILLIS);
  }

  private Child child(
      String name, Path directory, Map<String, String> environment, List<String> words)
      throws IOException {
    synchronized (children) {
      if (closed.get()) {
        throw new DemoException("The demo was stopped.");
      }
      Child child = Child.start(name, logs, directory, environment, words);
      children.add(child);
      return child;
    }
  }

  /// Workers first, then sidecars, then PostgreSQL, then its folder.
  @Override
  public void close() {
    synchronized (children) {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
    }
    stopAll(children.stream().filter(child -> child.name().contains("worker")).toList());
    stopAll(children);
    opened.forEach(Books::close);
    try {
      postgres.close();
    } finally {
      ProcessHandle.of(postgres.pid()).ifPresent(ProcessHandle::destroyForcibly);
      deleteTree(data);
    }
  }

  private static void stopAll(List<Child> these) {
    these.forEach(child -> child.process().destroy());
    these.forEach(child -> child.stop(STOP));
  }

  private static void deleteTree(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
