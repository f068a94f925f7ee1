package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// Runs a program to its end and keeps what it said.
final class Commands {
  private Commands() {}

  /// What a program said (both streams, trimmed) and how it ended (0 = well, 127 = not found).
  record Output(int code, String text) {
    boolean ok() {
      return code == 0;
    }
  }

  /// Runs in `directory` with messages in English and without the caller's PG* variables.
  static Output run(List<String> command, Path directory, Duration limit) {
    try {
      return await(start(command, directory), command, limit);
    } catch (IOException e) {
      return new Output(127, Text.reason(e));
    }
  }

  private static Process start(List<String> command, Path directory) throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    var process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private static Output await(Process process, List<String> command, Duration limit) {
    var text = new FutureTask<>(() -> process.getInputStream().readAllBytes());
    var _ = Thread.startVirtualThread(text);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return new Output(
            124, "still running after %d s: %s".formatted(limit.toSeconds(), command));
      }
      var said = new String(text.get(), StandardCharsets.UTF_8);
      return new Output(process.exitValue(), said.strip());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new EmbeddedPostgresException("Interrupted while waiting for " + command, e);
    } catch (ExecutionException e) {
      return new Output(process.exitValue(), String.valueOf(e.getCause()));
    }
  }
}
