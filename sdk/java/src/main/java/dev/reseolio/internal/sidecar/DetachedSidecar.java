package dev.reseolio.internal.sidecar;

import dev.reseolio.ReseolioException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Starts a sidecar that outlives this process: no pipes to it, a session of its own (so that
/// Ctrl-C in our terminal is not for it).
record DetachedSidecar(Launch launch, Path directory) {
  private static final long POLL_MILLIS = 20;

  ReadyLine start() throws IOException, InterruptedException {
    Path out = directory.resolve("sidecar.out");
    Path log = directory.resolve("sidecar.log");
    ProcessBuilder command = launch.command("--exit-when-idle", "30s");
    command.command().addAll(0, sessionLeader());
    Process process =
        command
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .redirectOutput(out.toFile())
            .redirectError(log.toFile())
            .start();
    long giveUp = System.nanoTime() + launch.startTimeout().toNanos();
    while (System.nanoTime() < giveUp) {
      Optional<ReadyLine> ready = ReadyLine.parse(Files.readString(out));
      if (ready.isPresent()) {
        return ready.get();
      }
      if (!process.isAlive()) {
        throw failed("exited with code " + process.exitValue() + " before it was ready", log);
      }
      Thread.sleep(POLL_MILLIS);
    }
    process.destroyForcibly();
    throw failed("was not ready after " + launch.startTimeout(), log);
  }

  private static List<String> sessionLeader() {
    return Stream.of("/usr/bin/setsid", "/bin/setsid")
        .filter(path -> Executable.isProgram(Path.of(path)))
        .limit(1)
        .toList();
  }

  private static ReseolioException failed(String what, Path log) throws IOException {
    LastLines lines = new LastLines();
    Files.readAllLines(log).forEach(lines::add);
    String words = lines.lastError().orElse("(none)");
    return new ReseolioException(
        "sidecar_failed",
        "The shared sidecar " + what + "; its last words: " + words + " (see " + log + ")");
  }
}
