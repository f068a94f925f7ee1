package dev.reseolio.survival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A worker process, see [WorkerMain].
record Worker(Process process, String name) implements AutoCloseable {

  static Worker launch(
      String name,
      String scene,
      String address,
      String ledger,
      int concurrency,
      List<String> functions)
      throws IOException {
    var words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                WorkerMain.class.getName()));
    words.addAll(List.of(address, ledger, name, Integer.toString(concurrency)));
    words.addAll(functions);
    Files.createDirectories(Database.logs());
    Process process =
        new ProcessBuilder(words)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(
                    Database.logs().resolve(scene + "-" + name + ".log").toFile()))
            .start();
    return new Worker(process, name);
  }

  void awaitReady() throws IOException {
    if (!"ready".equals(process.inputReader().readLine())) {
      throw new AssertionError("worker " + name + " did not start; see its log");
    }
  }

  void signal(String signal) {
    Signals.send(signal, process.pid());
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
