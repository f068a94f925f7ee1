package dev.reseolio.server.http;

import java.util.List;
import java.util.Map;

/// One named figure, split by labels.
///
/// @param name as Prometheus shows it, for example `reseolio_jobs_total`; counters end in `_total`
public record Metric(String name, String help, Type type, List<Sample> samples) {
  /// How the figure moves.
  public enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /// The figure for one set of labels. Job ids are never labels.
  public sealed interface Sample {
    Map<String, String> labels();
  }

  public record Value(Map<String, String> labels, double value) implements Sample {}

  /// A histogram.
  ///
  /// @param bounds upper bounds of the buckets, ascending, without +Inf
  /// @param counts observations per bucket, not cumulative; one more than bounds, the last for +Inf
  /// @param sum of all observations, in the unit the name says
  public record Buckets(
      Map<String, String> labels, List<Double> bounds, List<Long> counts, double sum)
      implements Sample {}

  public static Metric counter(String name, String help, List<Sample> samples) {
    return new Metric(name, help, Type.COUNTER, samples);
  }

  public static Metric gauge(String name, String help, List<Sample> samples) {
    return new Metric(name, help, Type.GAUGE, samples);
  }

  public static Metric gauge(String name, String help, double value) {
    return gauge(name, help, List.of(new Value(Map.of(), value)));
  }

  public static Metric histogram(String name, String help, List<Sample> samples) {
    return new Metric(name, help, Type.HISTOGRAM, samples);
  }
}
