package dev.reseolio.survival.chaos;

import java.util.SplittableRandom;

/// Something that goes wrong: makes the fault, sees it land, ends it, and leaves everything as it
/// found it.
interface Fault {
  void happen(Cluster cluster, Act act, SplittableRandom random) throws Exception;
}
