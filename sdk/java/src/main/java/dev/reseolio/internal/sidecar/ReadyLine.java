package dev.reseolio.internal.sidecar;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The one line a sidecar prints on its standard output when it is ready:
/// `{"event":"ready","address":"127.0.0.1:41234","http":"127.0.0.1:41235","pid":123,"node":7}`.
record ReadyLine(String address, long pid, String json) {
  private static final Pattern READY = Pattern.compile("\"event\"\\s*:\\s*\"ready\"");
  private static final Pattern ADDRESS = Pattern.compile("\"address\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");

  static Optional<ReadyLine> parse(String line) {
    Matcher address = ADDRESS.matcher(line);
    Matcher pid = PID.matcher(line);
    if (!READY.matcher(line).find() || !address.find() || !pid.find()) {
      return Optional.empty();
    }
    return Optional.of(new ReadyLine(address.group(1), Long.parseLong(pid.group(1)), line.strip()));
  }

  boolean processIsAlive() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
