package dev.reseolio.bench.suite;

import dev.reseolio.bench.process.Place.Language;
import java.util.List;

/// How much is done.
///
/// @param runs of everything that is repeated
/// @param roundTrips of W1 and W4
/// @param jobs of W2, and workflows of W4
/// @param engineJobs of the engine alone: as many as its code needs to be compiled
/// @param footprintJobs after which memory is looked at
/// @param concurrency jobs a worker runs at once in W1, W2 and W4
/// @param decayJobs that flow while something hinders
/// @param timers jobs that wait for their time meanwhile
/// @param loadJobs of each rate that is found out under load and while scaling
/// @param loadSeconds that each stage under load takes
/// @param takeovers how W5 is played
public record Sizes(
    int runs,
    int roundTrips,
    int jobs,
    int engineJobs,
    int footprintJobs,
    int concurrency,
    int decayJobs,
    int timers,
    int loadJobs,
    int loadSeconds,
    Takeovers takeovers) {

  /// @param nodes how many sidecars there are, in turn
  /// @param killed languages of the applications where something is killed; else Java
  public record Takeovers(List<Integer> nodes, List<Language> killed) {}

  public static Sizes of(boolean full) {
    Sizes usual =
        full
            ? new Sizes(
                5,
                500,
                100_000,
                200_000,
                200_000,
                500,
                300_000,
                1_000_000,
                100_000,
                30,
                new Takeovers(List.of(2, 5), List.of(Language.values())))
            : new Sizes(
                2,
                500,
                10_000,
                200_000,
                20_000,
                500,
                100_000,
                200_000,
                20_000,
                8,
                new Takeovers(List.of(2), List.of(Language.JAVA)));
    return new Sizes(
        of("RUNS", usual.runs),
        of("ROUND_TRIPS", usual.roundTrips),
        of("JOBS", usual.jobs),
        of("ENGINE_JOBS", usual.engineJobs),
        of("FOOTPRINT_JOBS", usual.footprintJobs),
        of("CONCURRENCY", usual.concurrency),
        of("DECAY_JOBS", usual.decayJobs),
        of("TIMERS", usual.timers),
        of("LOAD_JOBS", usual.loadJobs),
        of("LOAD_SECONDS", usual.loadSeconds),
        usual.takeovers);
  }

  private static int of(String variable, int usual) {
    return Integer.parseInt(System.getenv().getOrDefault(variable, Integer.toString(usual)));
  }
}
