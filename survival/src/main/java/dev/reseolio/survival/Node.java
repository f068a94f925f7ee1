package dev.reseolio.survival;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A sidecar process.
public final class Node implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final Process process;
  private final String address;
  private final String http;
  private final int id;

  private Node(Process process, String address, String http, int id) {
    this.process = process;
    this.address = address;
    this.http = http;
    this.id = id;
  }

  /// A process that has not said yet that it is ready.
  public record Starting(Process process, BufferedReader output, Path log) {
    public Node ready() throws IOException {
      String line = output.readLine();
      if (line == null) {
        throw new AssertionError("the sidecar did not start: " + Files.readString(log));
      }
      return new Node(
          process,
          field(line, "address\":\"([^\"]+)"),
          field(line, "http\":\"([^\"]+)"),
          Integer.parseInt(field(line, "node\":(\\d+)")));
    }

    private static String field(String line, String pattern) {
      var found = Pattern.compile(pattern).matcher(line);
      if (!found.find()) {
        throw new AssertionError("no " + pattern + " in " + line);
      }
      return found.group(1);
    }
  }

  /// @param storage its `RESEOLIO_STORAGE`
  /// @param address `host:port` for gRPC; port 0: any
  /// @param log what it says on stderr goes here
  public static Starting launch(String storage, String address, Path log, List<String> options)
      throws IOException {
    return launch(List.of(), storage, address, log, options);
  }

  /// The same on another machine, as far as the network goes.
  ///
  /// @param before words before the command: [Cable#before]
  public static Starting launch(
      List<String> before, String storage, String address, Path log, List<String> options)
      throws IOException {
    var words = new ArrayList<>(before);
    words.addAll(List.of(System.getProperty("reseolio.bin"), "server"));
    words.addAll(List.of("--address", address, "--http-address", "127.0.0.1:0"));
    words.addAll(options);
    var builder =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("RESEOLIO_STORAGE", storage);
    Process process = builder.start();
    return new Starting(process, process.inputReader(), log);
  }

  public String address() {
    return address;
  }

  /// The number of its first incarnation.
  public int id() {
    return id;
  }

  public void signal(String name) {
    Signals.send(name, process.pid());
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  public int exitCode() throws InterruptedException {
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  public int readyz() throws InterruptedException {
    return get("/readyz", HttpResponse.BodyHandlers.discarding());
  }

  public double metric(String name) throws IOException, InterruptedException {
    var reply = HTTP.send(request("/metrics"), HttpResponse.BodyHandlers.ofString());
    return reply
        .body()
        .lines()
        .filter(l -> l.startsWith(name + " ") || l.startsWith(name + "{"))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  private int get(String path, HttpResponse.BodyHandler<?> body) throws InterruptedException {
    try {
      return HTTP.send(request(path), body).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + http + path))
        .timeout(Duration.ofSeconds(3))
        .build();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
