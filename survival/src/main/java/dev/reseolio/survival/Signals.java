package dev.reseolio.survival;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Signals to processes, by their id only. A shell waits for them: starting a process for each
/// would take longer than some of the times that are measured. It outlives what ends this process
/// from outside, because cleaning up needs it, and ends when this process has ended.
public final class Signals {
  private static final Process SHELL = shell();

  private Signals() {}

  private static Process shell() {
    try {
      return new ProcessBuilder(
              "sh",
              "-c",
              "trap '' INT TERM HUP; while read signal pid; do kill -$signal $pid; echo sent; done")
          .start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Returns when it is sent.
  public static synchronized void send(String signal, long pid) {
    try {
      var in = SHELL.outputWriter();
      in.write(signal + " " + pid + "\n");
      in.flush();
      SHELL.inputReader().readLine();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static boolean run(String... command) {
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
