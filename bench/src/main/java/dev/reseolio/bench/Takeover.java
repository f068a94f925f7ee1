package dev.reseolio.bench;

import dev.reseolio.bench.Place.Language;
import java.util.Locale;

/// W5: SIGKILL, and the time until the first of the jobs that were running starts elsewhere.
final class Takeover {
  private static final int HELD = 5;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Language language;

  Takeover(Place place, Postgres postgres, Figures figures, Language language) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.language = language;
  }

  void run() {
    worker(postgres.fresh("bench_kill_worker"));
    sidecar(postgres.fresh("bench_kill_sidecar"));
  }

  /// Two workers of one sidecar.
  private void worker(String storage) {
    try (Sidecar sidecar = Sidecar.start(place, storage);
        Program victim = holder(sidecar);
        Program client = place.application(language, "client", sidecar.address())) {
      hold(victim, client);
      try (Program heir = holder(sidecar)) {
        kill("worker", victim::kill, heir);
      }
    }
  }

  /// Two sidecars with a worker each.
  private void sidecar(String storage) {
    try (Sidecar first = Sidecar.start(place, storage);
        Sidecar second = Sidecar.start(place, storage);
        Program orphan = holder(first);
        Program client = place.application(language, "client", first.address())) {
      hold(orphan, client);
      try (Program heir = holder(second)) {
        kill("sidecar", first::kill, heir);
      }
    }
  }

  private Program holder(Sidecar sidecar) {
    Program worker = place.application(language, "worker", sidecar.address(), "" + HELD, "hold");
    worker.tell("connect");
    worker.await("connected");
    return worker;
  }

  private static void hold(Program worker, Program client) {
    client.await("ready");
    client.tell("batch " + HELD);
    for (int i = 0; i < HELD; i++) {
      worker.await("start");
    }
  }

  private void kill(String what, Runnable how, Program heir) {
    Wait.millis(2000); // the heir is known, and has nothing to do
    long begin = System.nanoTime();
    how.run();
    String name = "kill." + what + "." + language.name().toLowerCase(Locale.ROOT);
    figures.add(name + ".first", (heir.await("start").nanos() - begin) / 1e6, "ms");
    for (int i = 1; i < HELD - 1; i++) {
      heir.await("start");
    }
    figures.add(name + ".last", (heir.await("start").nanos() - begin) / 1e6, "ms");
  }
}
