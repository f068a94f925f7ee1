package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// W5: a worker or a sidecar that is killed or stands still, and the time until the first and the
/// last of the jobs that were running start elsewhere; PostgreSQL killed, and the time until it is
/// used again.
public final class Takeover {
  private static final int HELD = 5;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Language language;
  private final int nodes;

  /// @param nodes sidecars with a worker each, two or more
  public Takeover(Place place, Postgres postgres, Figures figures, Language language, int nodes) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.language = language;
    this.nodes = nodes;
  }

  /// What is done to the process that holds the jobs.
  private enum Blow {
    KILL_WORKER,
    KILL_SIDECAR,
    FREEZE_SIDECAR
  }

  public void killed() {
    strike("kill.worker", Blow.KILL_WORKER);
    strike("kill.sidecar", Blow.KILL_SIDECAR);
  }

  public void frozen() {
    strike("frozen.sidecar", Blow.FREEZE_SIDECAR);
  }

  private void strike(String what, Blow blow) {
    try (Running all = new Running()) {
      List<Sidecar> sidecars = sidecars(all);
      Sidecar first = sidecars.getFirst();
      Program victim = holder(all, first);
      hold(victim, client(all, first));
      List<Program> heirs = new ArrayList<>();
      if (blow == Blow.KILL_WORKER) {
        heirs.add(heir(all, first));
      }
      for (Sidecar other : sidecars.subList(1, nodes)) {
        heirs.add(heir(all, other));
      }
      Wait.millis(2000); // the heirs are known, and have nothing to do
      long begin = System.nanoTime();
      switch (blow) {
        case KILL_WORKER -> victim.kill();
        case KILL_SIDECAR -> first.kill();
        case FREEZE_SIDECAR -> first.program().freeze();
      }
      started(what, heirs, begin);
      first.kill(); // one that stands still does not end when it is asked to
    }
  }

  private List<Sidecar> sidecars(Running all) {
    String storage = postgres.fresh("bench_takeover");
    List<Sidecar> sidecars = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      sidecars.add(all.add(Sidecar.start(place, storage)));
    }
    return sidecars;
  }

  private Program client(Running all, Sidecar sidecar) {
    Program client = all.add(place.application(language, "client", sidecar.address()));
    client.await("ready");
    return client;
  }

  /// One that has run jobs before: how long a fresh process takes for its first is not asked here.
  private Program heir(Running all, Sidecar sidecar) {
    Program heir = holder(all, sidecar);
    Program client = client(all, sidecar);
    client.tell("warm");
    client.await("warm");
    return heir;
  }

  private Program holder(Running all, Sidecar sidecar) {
    return worker(all, sidecar, "hold");
  }

  private Program worker(Running all, Sidecar sidecar, String manner) {
    Program worker =
        all.add(place.application(language, "worker", sidecar.address(), "" + HELD, manner));
    worker.tell("connect");
    worker.await("connected");
    return worker;
  }

  private static void hold(Program worker, Program client) {
    client.tell("batch " + HELD);
    for (int i = 0; i < HELD; i++) {
      worker.await("start");
    }
  }

  private void started(String what, List<Program> heirs, long begin) {
    double[] after =
        Program.await(heirs, "start", HELD).mapToDouble(n -> (n - begin) / 1e6).toArray();
    figures.add(named(what) + ".first", after[0], "ms");
    figures.add(named(what) + ".last", after[HELD - 1], "ms");
  }

  private String named(String what) {
    String name = what + "." + language.name().toLowerCase(Locale.ROOT);
    return nodes == 2 ? name : name + "." + nodes + "nodes";
  }

  /// PostgreSQL ends as in a crash and starts again: until it takes connections, and from then
  /// until a round trip through the last of the sidecars has succeeded.
  public void restarted() {
    try (Running all = new Running()) {
      List<Program> clients = new ArrayList<>();
      for (Sidecar sidecar : sidecars(all)) {
        worker(all, sidecar, "");
        clients.add(client(all, sidecar));
      }
      clients.forEach(Takeover::roundTrip);
      long begin = System.nanoTime();
      postgres.crash();
      clients.forEach(client -> client.tell("retry"));
      postgres.startAgain();
      long up = System.nanoTime();
      double[] back =
          Program.await(clients, "retry", nodes).mapToDouble(n -> (n - up) / 1e6).toArray();
      figures.add(named("restart") + ".postgres", (up - begin) / 1e6, "ms");
      figures.add(named("restart") + ".last", back[nodes - 1], "ms");
    }
  }

  private static void roundTrip(Program client) {
    client.tell("retry");
    client.await("retry");
  }
}
