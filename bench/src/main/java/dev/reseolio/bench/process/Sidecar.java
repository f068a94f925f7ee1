package dev.reseolio.bench.process;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A sidecar process with its default settings.
public final class Sidecar implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\\s*\"([^\"]+)\"");
  private static final Pattern HTTP = Pattern.compile("\"http\":\\s*\"([^\"]+)\"");

  private final Program program;
  private final String address;
  private final @Nullable String http;
  private final double startMillis;

  private Sidecar(Program program, String address, @Nullable String http, double startMillis) {
    this.program = program;
    this.address = address;
    this.http = http;
    this.startMillis = startMillis;
  }

  public static Sidecar start(Place place, String storage) {
    return start(place, storage, "off");
  }

  /// One that tells its metrics, see [#http()].
  public static Sidecar watched(Place place, String storage) {
    return start(place, storage, "127.0.0.1:0");
  }

  private static Sidecar start(Place place, String storage, String http) {
    List<String> command =
        List.of(
            place.sidecar().toString(),
            "server",
            "--address",
            "127.0.0.1:0",
            "--http-address",
            http,
            "--exit-with-parent");
    long begin = System.nanoTime();
    Program program =
        Program.start(place.work(), "sidecar", command, Map.of("RESEOLIO_STORAGE", storage));
    Program.Line ready = program.await("{\"event\":\"ready\"");
    String address = field(ADDRESS, ready.text());
    if (address == null) {
      throw new IllegalStateException("no address in " + ready.text());
    }
    return new Sidecar(program, address, field(HTTP, ready.text()), (ready.nanos() - begin) / 1e6);
  }

  private static @Nullable String field(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? found.group(1) : null;
  }

  /// Where its metrics are.
  public String http() {
    return "http://" + Objects.requireNonNull(http, "this sidecar tells no metrics");
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
