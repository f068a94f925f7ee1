package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Proxy;
import dev.reseolio.survival.Signals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// One place for a worker: the process, started again whenever it is gone, and its way to the
/// sidecar.
final class Worker implements AutoCloseable {
  private final String name;
  private final boolean java;
  private final Settings settings;
  private final Proxy wire;
  private volatile Process process;
  private int starts;

  Worker(int number, Sidecar sidecar, Settings settings) throws IOException {
    this.java = number % 2 == 0;
    this.name = (java ? "java" : "typescript") + number;
    this.settings = settings;
    this.wire = Proxy.to(sidecar::port);
    this.process = launch();
  }

  private Process launch() throws IOException {
    String address = "127.0.0.1:" + wire.port();
    String history = settings.folder().resolve(name + ".history").toString();
    starts++;
    List<String> words = java ? javaCommand(address, history) : nodeCommand(address, history);
    return new ProcessBuilder(words)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(
            ProcessBuilder.Redirect.appendTo(settings.folder().resolve(name + ".log").toFile()))
        .start();
  }

  private List<String> javaCommand(String address, String history) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        ChaosWorker.class.getName(),
        address,
        name,
        history);
  }

  private List<String> nodeCommand(String address, String history) {
    Path root = Path.of(System.getProperty("reseolio.root")).toAbsolutePath();
    return List.of(
        "node",
        root.resolve("survival/src/main/node/worker.mjs").toString(),
        address,
        name,
        history,
        root.resolve("sdk/typescript/dist/index.js").toString());
  }

  void restart() throws IOException {
    process = launch();
  }

  void signal(String signal) {
    Signals.send(signal, process.pid());
  }

  /// How often its process was started.
  int starts() {
    return starts;
  }

  boolean alive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  Proxy wire() {
    return wire;
  }

  @Override
  public String toString() {
    return name;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    wire.close();
  }
}
