package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether the engine slows down where queues in a database are known to: while another session
/// holds an old snapshot, so that no dead row can go, and while very many jobs wait for their time.
/// An engine on an empty database is the measure. The three take turns, a part of the jobs each, so
/// that a machine that is slower for a while is so for all of them.
public final class Decay {
  private static final int PART = 20_000;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;

  public Decay(Place place, Postgres postgres, Figures figures, Sizes sizes) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
  }

  public void run() {
    try (Queue plain = new Queue("plain");
        Queue snapshot = new Queue("snapshot");
        Queue timers = new Queue("timers")) {
      timers.later(sizes.timers());
      List<Queue> all = List.of(plain, snapshot, timers);
      all.forEach(Queue::settle);
      snapshot.hold();
      int turns = Math.max(1, sizes.decayJobs() / PART);
      for (int turn = 0; turn < turns; turn++) {
        for (int i = 0; i < all.size(); i++) {
          all.get((turn + i) % all.size()).part();
        }
      }
      kept(snapshot, plain, turns);
      kept(timers, plain, turns);
    }
  }

  /// The share of the throughput that is left, of all parts and of the last third of them.
  private void kept(Queue hindered, Queue plain, int turns) {
    String name = "decay." + hindered.name;
    int late = turns - Math.ceilDiv(turns, 3);
    figures.add(name + ".kept", 100 * plain.seconds(0) / hindered.seconds(0), "%");
    figures.add(name + ".kept.late", 100 * plain.seconds(late) / hindered.seconds(late), "%");
  }

  /// An engine on a database of its own.
  private final class Queue implements AutoCloseable {
    private final String name;
    private final String storage;
    private final Program engine;
    private final List<Double> seconds = new ArrayList<>();
    private @Nullable Connection old;

    Queue(String name) {
      this.name = name;
      storage = postgres.fresh("bench_decay_" + name);
      engine = EngineSuite.start(place, storage);
      fill(); // warm-up
    }

    private double fill() {
      engine.tell("queue " + PART);
      return engine.await("queue").numbers()[0];
    }

    void later(int jobs) {
      engine.tell("later " + jobs);
      engine.await("later");
    }

    void settle() {
      postgres.settle(storage);
    }

    /// Holds a snapshot from now on.
    void hold() {
      try {
        old = Postgres.open(storage);
        old.setAutoCommit(false);
        old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (var statement = old.createStatement()) {
          statement.execute("SELECT count(*) FROM reseolio.ready");
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    void part() {
      Meter meter = Meter.start(postgres, Map.of("engine", List.of(engine)));
      double took = fill();
      seconds.add(took);
      figures.add("decay." + name, PART / took, "jobs/s", meter.stop(PART));
    }

    double seconds(int from) {
      return seconds.stream().skip(from).mapToDouble(s -> s).sum();
    }

    @Override
    public void close() {
      engine.close();
      if (old != null) {
        try {
          old.close();
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
