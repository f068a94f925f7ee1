package dev.reseolio.bench.figures;

import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a load costs: write-ahead log, commits, and the processor time of each process.
public final class Meter {
  private final Postgres postgres;
  private final Map<String, List<Program>> programs;
  private final Map<String, Double> begin;
  private final Postgres.Mark mark;

  /// Of one job.
  ///
  /// @param cpu microseconds, by process
  public record Cost(double walBytes, double commits, Map<String, Double> cpu) {
    public static Cost median(List<Cost> some) {
      Map<String, Double> cpu = new LinkedHashMap<>();
      for (String name : some.getFirst().cpu().keySet()) {
        cpu.put(name, Figures.median(some.stream().mapToDouble(c -> cpu(c, name)).toArray()));
      }
      return new Cost(
          Figures.median(some.stream().mapToDouble(Cost::walBytes).toArray()),
          Figures.median(some.stream().mapToDouble(Cost::commits).toArray()),
          cpu);
    }

    private static double cpu(Cost cost, String name) {
      return cost.cpu().getOrDefault(name, 0.0);
    }
  }

  private Meter(Postgres postgres, Map<String, List<Program>> programs) {
    this.postgres = postgres;
    this.programs = programs;
    mark = postgres.mark();
    begin = now();
  }

  /// @param programs that take part, beside PostgreSQL; those of one name are added up
  public static Meter start(Postgres postgres, Map<String, List<Program>> programs) {
    return new Meter(postgres, programs);
  }

  private Map<String, Double> now() {
    Map<String, Double> now = new LinkedHashMap<>();
    programs.forEach((name, some) -> now.put(name, some.stream().mapToDouble(Meter::micros).sum()));
    now.put("postgres", postgres.processes().mapToDouble(Meter::used).sum());
    return now;
  }

  private static double micros(Program program) {
    return used(ProcessHandle.of(program.pid()).orElseThrow());
  }

  private static double used(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e3;
  }

  public Cost stop(int jobs) {
    Map<String, Double> cpu = now();
    cpu.replaceAll((name, micros) -> (micros - begin.getOrDefault(name, 0.0)) / jobs);
    Postgres.Written written = postgres.since(mark);
    return new Cost(written.bytes() / jobs, written.commits() / jobs, cpu);
  }
}
