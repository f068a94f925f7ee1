package dev.reseolio.server;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.server.http.Metric;
import dev.reseolio.server.http.Metric.Sample;
import dev.reseolio.server.http.Metric.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The engine's figures under their Prometheus names.
final class EngineMetrics {
  /// Lanes with figures of their own. Clients choose the names of queues: without a bound they
  /// could make as many series as they like.
  private static final int MOST_LANES = 500;

  private static final Lane OTHERS = new Lane(0, 0, "others", "others");

  private final Set<Integer> own = new HashSet<>();

  /// One at a time: which lanes have figures of their own is decided once.
  synchronized List<Metric> of(Engine engine) {
    Engine.Gauges now = engine.gauges();
    return List.of(
        Metric.counter("reseolio_jobs_total", "Jobs finished by this node.", jobs(engine)),
        Metric.counter(
            "reseolio_attempts_total", "Executions recorded by this node.", attempts(engine)),
        counter(
            "reseolio_stale_writes_refused_total",
            "Outcomes of workers that no longer held the lease.",
            engine.counters().refused()),
        counter("reseolio_takeovers_total", "Dead nodes this node took over.", now.takeovers()),
        counter(
            "reseolio_flushes_total", "Transactions of the group-committed writer.", now.flushes()),
        Metric.gauge("reseolio_running", "Executions this node holds.", now.running()),
        Metric.gauge("reseolio_workers", "Workers connected to this node.", now.workers()),
        Metric.gauge("reseolio_slots", "Executions its workers take at once.", now.slots()),
        Metric.gauge("reseolio_enqueuing", "Jobs waiting for their commit.", now.enqueuing()),
        Metric.gauge(
            "reseolio_result_waiters", "Jobs whose end somebody waits for.", now.waiters()),
        Metric.gauge("reseolio_peers", "Other live nodes.", now.peers()));
  }

  private static Metric counter(String name, String help, long value) {
    return Metric.counter(name, help, List.of(new Value(Map.of(), value)));
  }

  private List<Sample> jobs(Engine engine) {
    Map<Map<String, String>, Double> figures = new LinkedHashMap<>();
    engine
        .counters()
        .jobs()
        .forEach((key, count) -> {
          Lane lane =
              mayHaveItsOwn(key.laneId()) ? engine.lane(key.laneId()).orElse(OTHERS) : OTHERS;
          var labels =
              Map.of(
                  "function", lane.function(),
                  "queue", lane.queue(),
                  "outcome", word(key.status()));
          figures.merge(labels, (double) count.sum(), Double::sum);
        });
    List<Sample> samples = new ArrayList<>();
    figures.forEach((labels, figure) -> samples.add(new Value(labels, figure)));
    return samples;
  }

  private boolean mayHaveItsOwn(int lane) {
    return own.contains(lane) || (own.size() < MOST_LANES && own.add(lane));
  }

  private static List<Sample> attempts(Engine engine) {
    List<Sample> samples = new ArrayList<>();
    engine
        .counters()
        .attempts()
        .forEach((outcome, count) ->
            samples.add(new Value(Map.of("outcome", word(outcome)), count.sum())));
    return samples;
  }

  private static String word(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }
}
