package dev.reseolio.survival;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Signals to processes, by their id only.
final class Signals {
  private Signals() {}

  static void send(String signal, long pid) {
    run("kill", "-" + signal, Long.toString(pid));
  }

  static boolean run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
