package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/// Whether the engine slows down where queues in a database are known to: while another session
/// holds an old snapshot, so that no dead row can go, and while very many jobs wait for their time.
/// The same jobs on an empty database, in the same run, are the measure.
public final class Decay {
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
    double plain = queue("plain", 0, false);
    double snapshot = queue("snapshot", 0, true);
    double timers = queue("timers", sizes.timers(), false);
    figures.add("decay.snapshot.kept", 100 * snapshot / plain, "%");
    figures.add("decay.timers.kept", 100 * timers / plain, "%");
  }

  private double queue(String name, int timers, boolean snapshot) {
    String storage = postgres.fresh("bench_decay");
    try (Program engine = EngineSuite.start(place, storage)) {
      engine.tell("queue 20000"); // warm-up
      engine.await("queue");
      if (timers > 0) {
        engine.tell("later " + timers);
        engine.await("later");
      }
      postgres.settle(storage);
      return snapshot ? beside(storage, engine, name) : measured(engine, name);
    }
  }

  private double beside(String storage, Program engine, String name) {
    try (Connection old = Postgres.open(storage);
        var statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SELECT count(*) FROM reseolio.ready");
      return measured(engine, name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private double measured(Program engine, String name) {
    Meter meter = Meter.start(postgres, Map.of("engine", List.of(engine)));
    engine.tell("queue " + sizes.decayJobs());
    double rate = sizes.decayJobs() / engine.await("queue").numbers()[0];
    figures.add("decay." + name, rate, "jobs/s", meter.stop(sizes.decayJobs()));
    return rate;
  }
}
