package dev.reseolio.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `bin/reseolio` of the packaged folder as a process.
record Launched(Process process, BufferedReader output, Path errors) implements AutoCloseable {
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

  int exitCode() throws InterruptedException {
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
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
