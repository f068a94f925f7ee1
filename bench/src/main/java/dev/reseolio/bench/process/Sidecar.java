package dev.reseolio.bench.process;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A sidecar process with its default settings.
public final class Sidecar implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\\s*\"([^\"]+)\"");

  private final Program program;
  private final String address;
  private final double startMillis;

  private Sidecar(Program program, String address, double startMillis) {
    this.program = program;
    this.address = address;
    this.startMillis = startMillis;
  }

  public static Sidecar start(Place place, String storage) {
    List<String> command =
        List.of(
            place.sidecar().toString(),
            "server",
            "--address",
            "127.0.0.1:0",
            "--http-address",
            "off",
            "--exit-with-parent");
    long begin = System.nanoTime();
    Program program =
        Program.start(place.work(), "sidecar", command, Map.of("RESEOLIO_STORAGE", storage));
    Program.Line ready = program.await("{\"event\":\"ready\"");
    Matcher address = ADDRESS.matcher(ready.text());
    if (!address.find()) {
      throw new IllegalStateException("no address in " + ready.text());
    }
    return new Sidecar(program, address.group(1), (ready.nanos() - begin) / 1e6);
  }

  public String address() {
    return address;
  }

  /// From the start of the process to its ready line.
  public double startMillis() {
    return startMillis;
  }

  public Program program() {
    return program;
  }

  public double residentMegabytes() {
    return program.residentMegabytes();
  }

  public void kill() {
    program.kill();
  }

  @Override
  public void close() {
    program.close();
  }
}
