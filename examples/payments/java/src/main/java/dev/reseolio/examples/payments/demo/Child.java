package dev.reseolio.examples.payments.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A process of the demo; what it says goes to a log file, and its first line on stdout means that
/// it is ready.
record Child(String name, Process process, Path log, CompletableFuture<String> firstLine) {

  static Child start(
      String name, Path logs, Path directory, Map<String, String> environment, List<String> words)
      throws IOException {
    Path log = logs.resolve(name.replace(' ', '-') + ".log");
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.redirectError(Files.createFile(log).toFile()).environment().putAll(environment);
    Child child = new Child(name, builder.start(), log, new CompletableFuture<>());
    Thread.ofVirtual().start(child::listen);
    return child;
  }

  private void listen() {
    try (BufferedReader output = process.inputReader();
        BufferedWriter copy = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
      String line;
      while ((line = output.readLine()) != null) {
        copy.append(line).append('\n').flush();
        firstLine.complete(line);
      }
    } catch (IOException e) {
      firstLine.completeExceptionally(e);
    }
    firstLine.completeExceptionally(new IOException("it ended"));
  }

  /// Waits for the first line.
  String ready(Duration limit) throws InterruptedException {
    try {
      return firstLine.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new DemoException(
          "%s was not ready within %d s (%s). It said: %s"
              .formatted(name, limit.toSeconds(), e.getMessage(), said()));
    }
  }

  long pid() {
    return process.pid();
  }

  /// SIGKILL, and back when the process is gone.
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }

  /// SIGTERM; SIGKILL for what is still there after the limit.
  void stop(Duration limit) {
    process.destroy();
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill();
  }

  private String said() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "nothing that could be read from " + log;
    }
  }
}
