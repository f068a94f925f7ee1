package dev.reseolio.internal.sidecar;

import dev.reseolio.ReseolioException;
import dev.reseolio.internal.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A sidecar that is our child: started, read until it is ready, stopped. Its log goes to the
/// logger `dev.reseolio.sidecar`.
final class SidecarProcess {
  private static final System.Logger LOGGER = System.getLogger("dev.reseolio.sidecar");

  private final Process process;
  private final LastLines log = new LastLines();
  private final CompletableFuture<ReadyLine> ready = new CompletableFuture<>();
  private final Thread logReader;

  private SidecarProcess(Process process) {
    this.process = process;
    this.logReader = reader("reseolio-sidecar-log", process.getErrorStream(), this::logged);
  }

  /// Starts it and waits until it is ready.
  static SidecarProcess start(Launch launch) throws InterruptedException {
    ProcessBuilder command = launch.command("--exit-with-parent");
    SidecarProcess sidecar = new SidecarProcess(spawn(command));
    sidecar.read();
    try {
      sidecar.awaitReady(launch.startTimeout());
      return sidecar;
    } catch (InterruptedException | RuntimeException e) {
      sidecar.process.destroyForcibly();
      throw e;
    }
  }

  private static Process spawn(ProcessBuilder command) {
    try {
      return command.start();
    } catch (IOException e) {
      throw failed(
          "The sidecar " + command.command().get(0) + " could not be started: " + e.getMessage(),
          e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // completes another future
  private void read() {
    logReader.start();
    reader(
            "reseolio-sidecar-out",
            process.getInputStream(),
            line -> ReadyLine.parse(line).ifPresent(ready::complete))
        .start();
    process
        .onExit()
        .thenRun(() -> ready.completeExceptionally(new IllegalStateException("exited")));
  }

  private void logged(String line) {
    log.add(line);
    LOGGER.log(LastLines.isError(line) ? Level.WARNING : Level.DEBUG, line);
  }

  private void awaitReady(Duration timeout) throws InterruptedException {
    try {
      ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      logReader.join(1_000);
      throw failed(
          "The sidecar exited with code "
              + process.waitFor()
              + " before it was ready; its last words: "
              + lastWords(),
          e);
    } catch (TimeoutException e) {
      throw failed(
          "The sidecar was not ready after " + timeout + "; its last words: " + lastWords(), e);
    }
  }

  private String lastWords() {
    return log.lastError().orElse("(none)");
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the listener handles its own failures
  void onExit(Consumer<Integer> listener) {
    process.onExit().thenAccept(ended -> listener.accept(ended.exitValue()));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String address() {
    return ready.join().address();
  }

  /// SIGTERM, and after the patience SIGKILL.
  void stop(Duration patience) {
    process.destroy();
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static Thread reader(String name, InputStream stream, Consumer<String> line) {
    return Threads.daemon(
        name,
        () -> {
          try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            lines.lines().forEach(line);
          } catch (IOException | UncheckedIOException e) {
            LOGGER.log(Level.DEBUG, "The sidecar's output ended", e);
          }
        });
  }

  private static ReseolioException failed(String message, Exception cause) {
    return new ReseolioException("sidecar_failed", message, cause);
  }
}
