package dev.reseolio.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A `Starter` seen from the test.
record StarterProcess(Process process, BufferedReader output) implements AutoCloseable {

  static StarterProcess launch(Path dataDir) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var words =
        List.of(
            java,
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Starter.class.getName(),
            dataDir.toString());
    var process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new StarterProcess(process, process.inputReader());
  }

  /// Waits until it runs; the process id of its PostgreSQL.
  long postgresPid() throws IOException {
    var line = output.readLine();
    if (line == null) {
      throw new IOException("the starter ended without a word");
    }
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /// Ends its input and waits; its exit code.
  int leave() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
