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
final class Node implements AutoCloseable {
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
  record Starting(Process process, BufferedReader output, Path log) {
    Node ready() throws IOException {
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

  static Starting launch(String storage, String log, List<String> options) throws IOException {
    var words = new ArrayList<>(List.of(System.getProperty("reseolio.bin"), "server"));
    words.addAll(List.of("--address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"));
    words.addAll(options);
    Files.createDirectories(Database.logs());
    Path file = Database.logs().resolve(log + ".log");
    var builder = new ProcessBuilder(words).redirectError(file.toFile());
    builder.environment().put("RESEOLIO_STORAGE", storage);
    Process process = builder.start();
    return new Starting(process, process.inputReader(), file);
  }

  String address() {
    return address;
  }

  /// The number of its first incarnation.
  int id() {
    return id;
  }

  void signal(String name) {
    Signals.send(name, process.pid());
  }

  boolean alive() {
    return process.isAlive();
  }

  int exitCode() throws InterruptedException {
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  int readyz() throws InterruptedException {
    return get("/readyz", HttpResponse.BodyHandlers.discarding());
  }

  double metric(String name) throws IOException, InterruptedException {
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
