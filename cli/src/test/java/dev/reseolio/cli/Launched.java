package dev.reseolio.cli;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `bin/reseolio` of the packaged folder as a process.
record Launched(Process process, BufferedReader output, Path errors) implements AutoCloseable {
  private static final int LIMIT_SECONDS = 30;
  static final Path HOME = Path.of("target", "reseolio").toAbsolutePath();

  static Launched launch(Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    var words = new ArrayList<>(List.of(HOME.resolve("bin/reseolio").toString()));
    words.addAll(List.of(arguments));
    return command(directory, environment, words);
  }

  static Launched command(Path directory, Map<String, String> environment, List<String> words)
      throws IOException {
    var errors = Files.createTempFile(directory, "stderr", ".txt");
    var builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.redirectError(errors.toFile()).environment().putAll(environment);
    var process = builder.start();
    return new Launched(process, process.inputReader(), errors);
  }

  String line() throws IOException {
    var line = output.readLine();
    return line == null ? "(ended) " + said() : line;
  }

  int exitCode() throws Exception {
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "runs on; it said: " + said());
    return process.exitValue();
  }

  /// Waits for a process that is no child of this one. Once ended it has no command any more, but
  /// may keep its id for long: whoever became its parent has to ask how it ended.
  static void awaitEnd(ProcessHandle process) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(LIMIT_SECONDS),
        () -> {
          while (process.info().command().isPresent()) {
            TimeUnit.MILLISECONDS.sleep(10);
          }
        });
  }

  String said() throws IOException {
    return Files.readString(errors);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
