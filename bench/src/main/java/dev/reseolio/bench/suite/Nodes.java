package dev.reseolio.bench.suite;

import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The sidecars of W5 on one database, and applications of one language.
///
/// @param count of the sidecars, two or more
public record Nodes(Place place, Language language, int count) {
  /// Jobs that a worker runs at once.
  static final int SLOTS = 5;

  /// @param first storage URL of the first sidecar
  /// @param others storage URL of the others: perhaps another way to the same database
  List<Sidecar> start(Running all, String first, String others) {
    List<Sidecar> sidecars = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sidecars.add(all.add(Sidecar.start(place, i == 0 ? first : others)));
    }
    return sidecars;
  }

  /// Will say `ready`.
  Program client(Running all, Sidecar sidecar) {
    return all.add(place.application(language, "client", sidecar.address()));
  }

  /// Will say `connected`.
  ///
  /// @param manner perhaps `hold`, see [dev.reseolio.bench.app.Worker]
  Program worker(Running all, Sidecar sidecar, String manner) {
    Program worker =
        all.add(place.application(language, "worker", sidecar.address(), "" + SLOTS, manner));
    worker.tell("connect");
    return worker;
  }

  /// The name of a figure.
  String named(String what, String of) {
    String more = count == 2 ? "" : "." + count + "nodes";
    return what + "." + language.name().toLowerCase(Locale.ROOT) + more + "." + of;
  }
}
