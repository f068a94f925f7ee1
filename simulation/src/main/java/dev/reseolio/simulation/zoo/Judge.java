package dev.reseolio.simulation.zoo;

import dev.reseolio.simulation.Simulate;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Runs the simulation or tests of the engine in a process of their own, with a folder of classes
/// before all others.
final class Judge {
  private final String classPath;
  private final int seconds;

  Judge(String classPath, int seconds) {
    this.classPath = classPath;
    this.seconds = seconds;
  }

  /// @param folder in front of the class path
  /// @return what was noticed; empty: nothing
  Optional<String> judge(String judge, Path folder) throws IOException, InterruptedException {
    boolean simulated = judge.equals(Mutant.SIMULATION);
    String wanted = simulated ? "replay: " : "failed: ";
    List<String> command = command(folder);
    if (simulated) {
      command.addAll(List.of("-Dfrom=1", "-Dseconds=" + seconds, Simulate.class.getName()));
    } else {
      command.addAll(List.of(EngineTests.class.getName(), judge));
    }
    return run(command, wanted);
  }

  /// The simulation of one seed; empty: it holds.
  Optional<String> replay(String seed, Path folder) throws IOException, InterruptedException {
    List<String> command = command(folder);
    command.addAll(List.of("-Dseed=" + seed, Simulate.class.getName()));
    return run(command, "BROKEN");
  }

  private List<String> command(Path folder) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-Djdk.trackAllThreads=false",
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:hashCode=2",
            "-cp",
            folder + java.io.File.pathSeparator + classPath));
  }

  private static Optional<String> run(List<String> command, String wanted)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> said;
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      said = lines.lines().toList();
    }
    int code = process.waitFor();
    if (code == 0) {
      return Optional.empty();
    }
    return Optional.of(
        said.stream()
            .filter(line -> line.startsWith(wanted))
            .findFirst()
            .orElseThrow(() ->
                new IllegalStateException(
                    "ended with %d and said: %s".formatted(code, String.join("\n", said)))));
  }
}
