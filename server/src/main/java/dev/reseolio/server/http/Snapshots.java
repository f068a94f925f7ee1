package dev.reseolio.server.http;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Our metrics as the Prometheus library wants them.
final class Snapshots {
  private static final String TOTAL = "_total";

  private Snapshots() {}

  static MetricSnapshots of(List<Metric> metrics) {
    Collection<MetricSnapshot> snapshots = new ArrayList<>();
    metrics.forEach(metric -> snapshots.add(snapshot(metric)));
    return new MetricSnapshots(snapshots);
  }

  private static MetricSnapshot snapshot(Metric metric) {
    return switch (metric.type()) {
      case COUNTER -> counter(metric);
      case GAUGE -> gauge(metric);
      case HISTOGRAM -> histogram(metric);
    };
  }

  private static MetricSnapshot counter(Metric metric) {
    var name = metric.name();
    var base = name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
    var snapshot = CounterSnapshot.builder().name(base).help(metric.help());
    for (var sample : metric.samples()) {
      snapshot.dataPoint(
          CounterDataPointSnapshot.builder().value(value(sample)).labels(labels(sample)).build());
    }
    return snapshot.build();
  }

  private static MetricSnapshot gauge(Metric metric) {
    var snapshot = GaugeSnapshot.builder().name(metric.name()).help(metric.help());
    for (var sample : metric.samples()) {
      snapshot.dataPoint(
          GaugeDataPointSnapshot.builder().value(value(sample)).labels(labels(sample)).build());
    }
    return snapshot.build();
  }

  private static MetricSnapshot histogram(Metric metric) {
    var snapshot = HistogramSnapshot.builder().name(metric.name()).help(metric.help());
    for (var sample : metric.samples()) {
      if (sample instanceof Metric.Buckets buckets) {
        snapshot.dataPoint(
            HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(classic(buckets))
                .sum(buckets.sum())
                .labels(labels(sample))
                .build());
      }
    }
    return snapshot.build();
  }

  private static ClassicHistogramBuckets classic(Metric.Buckets buckets) {
    var bounds = new ArrayList<Double>(buckets.bounds());
    bounds.add(Double.POSITIVE_INFINITY);
    return ClassicHistogramBuckets.of(bounds, buckets.counts());
  }

  private static double value(Metric.Sample sample) {
    return switch (sample) {
      case Metric.Value value -> value.value();
      case Metric.Buckets buckets -> buckets.sum();
    };
  }

  private static Labels labels(Metric.Sample sample) {
    var names = sample.labels().keySet().toArray(String[]::new);
    var values = new ArrayList<String>();
    for (var name : names) {
      values.add(sample.labels().getOrDefault(name, ""));
    }
    return Labels.of(names, values.toArray(String[]::new));
  }
}
