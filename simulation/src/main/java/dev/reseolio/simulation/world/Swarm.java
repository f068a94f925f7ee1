package dev.reseolio.simulation.world;

import java.util.EnumSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What one run is like: how large, and which faults it knows. Each run gets a random subset, so
/// that no fault hides another for good.
///
/// @param faults kinds of this run
/// @param nodes sidecars
/// @param workers worker processes
/// @param clients callers
/// @param jobs each client creates
/// @param lossy share of the requests to the database that do not end well while there are faults
record Swarm(Set<Fault> faults, int nodes, int workers, int clients, int jobs, double lossy) {

  static Swarm draw(RandomGenerator random) {
    boolean calm = random.nextInt(8) == 0;
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    for (Fault fault : Fault.values()) {
      if (random.nextInt(100) < fault.percent() && !(calm && fault.deadly())) {
        faults.add(fault);
      }
    }
    return new Swarm(
        faults,
        random.nextInt(1, 4),
        random.nextInt(1, 4),
        random.nextInt(1, 4),
        random.nextInt(5, 25),
        faults.contains(Fault.LOSSY) ? random.nextDouble(0.005, 0.12) : 0);
  }
}
