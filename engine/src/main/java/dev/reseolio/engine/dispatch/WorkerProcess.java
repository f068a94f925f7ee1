package dev.reseolio.engine.dispatch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process of a worker, when it runs on this machine: a broken connection of a dead process
/// needs no grace.
///
/// @param scope space the pid is meaningful in: boot id and pid namespace
public record WorkerProcess(long pid, String scope) {
  private static final String HERE = readScope();

  /// True when this process is known to be gone: it is on this machine, and no longer there or a
  /// zombie.
  public boolean dead() {
    return !scope.isEmpty() && scope.equals(HERE) && (exited() || zombie());
  }

  private boolean exited() {
    return ProcessHandle.of(pid).map(p -> !p.isAlive()).orElse(true);
  }

  private boolean zombie() {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.startsWith(" Z ", stat.lastIndexOf(')') + 1);
    } catch (IOException unreadable) {
      return false;
    }
  }

  private static String readScope() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + "/"
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException notLinux) {
      return "";
    }
  }
}
