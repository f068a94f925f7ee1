package dev.reseolio.bench.soak;

import dev.reseolio.bench.figures.Figures;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// All samples: in memory, and in a file as they come.
final class Series implements AutoCloseable {
  private static final Map<String, List<String>> CHARTS =
      Map.of(
          "Memory of the sidecar, MB", List.of("sidecar_rss", "sidecar_heap"),
          "Memory of the workers, MB",
              List.of("java_worker_rss", "java_worker_heap", "node_worker_rss", "node_worker_heap"),
          "Round trips, jobs per second", List.of("jobs"),
          "Latency, ms", List.of("p50", "p99"),
          "Tables, MB", List.of("history", "queues"),
          "Dead tuples", List.of("dead_tuples"),
          "Write-ahead log, MB per second", List.of("wal"),
          "Connections to PostgreSQL", List.of("connections"));

  private final Path folder;
  private final List<Map<String, Double>> samples = new ArrayList<>();
  private final BufferedWriter csv;

  Series(Path folder) {
    try {
      this.folder = Files.createDirectories(folder);
      csv = Files.newBufferedWriter(folder.resolve("samples.csv"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param sample the same names in the same order each time
  void add(Map<String, Double> sample) {
    if (samples.isEmpty()) {
      row("second," + String.join(",", sample.keySet()));
    }
    samples.add(sample);
    row(
        samples.size()
            + ","
            + sample.values().stream()
                .map(v -> String.format(Locale.ROOT, "%.3f", v))
                .collect(Collectors.joining(",")));
  }

  private void row(String text) {
    try {
      csv.write(text);
      csv.newLine();
      csv.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Double> values(String name) {
    return samples.stream().map(s -> s.getOrDefault(name, 0.0)).toList();
  }

  private double median(String name, int from, int count) {
    return Figures.median(
        values(name).subList(from, from + count).stream().mapToDouble(v -> v).toArray());
  }

  private int tenth() {
    return Math.max(1, samples.size() / 10);
  }

  /// The median of the second tenth; the first is the warm-up.
  double start(String name) {
    return median(name, Math.min(tenth(), samples.size() - tenth()), tenth());
  }

  /// The median of the last tenth.
  double end(String name) {
    return median(name, samples.size() - tenth(), tenth());
  }

  double most(String name) {
    return values(name).stream().mapToDouble(v -> v).max().orElse(0);
  }

  void draw() {
    CHARTS.forEach((title, names) -> {
      List<Chart.Line> lines =
          names.stream().map(name -> new Chart.Line(name.replace('_', ' '), values(name))).toList();
      String file = title.toLowerCase(Locale.ROOT).replaceAll(",.*", "").replace(' ', '-');
      new Chart(title, 1, lines).write(folder.resolve(file + ".svg"));
    });
  }

  @Override
  public void close() {
    try {
      csv.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
