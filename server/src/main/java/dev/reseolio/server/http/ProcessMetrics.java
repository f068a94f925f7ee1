package dev.reseolio.server.http;

import java.util.List;

/// Figures of the process itself. Only what costs nothing to read.
public final class ProcessMetrics implements MetricsSource {
  private final double started = System.currentTimeMillis() / 1e3;

  @Override
  public List<Metric> metrics() {
    var runtime = Runtime.getRuntime();
    return List.of(
        Metric.gauge("process_start_time_seconds", "Start, since the epoch.", started),
        Metric.gauge(
            "jvm_heap_used_bytes",
            "Heap in use.",
            (double) runtime.totalMemory() - runtime.freeMemory()),
        Metric.gauge("jvm_heap_committed_bytes", "Heap taken.", (double) runtime.totalMemory()));
  }
}
