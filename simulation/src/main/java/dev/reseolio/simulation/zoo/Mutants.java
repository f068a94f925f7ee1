package dev.reseolio.simulation.zoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `make mutants`: applies each mutant and says who noticed it. What notices a mutant must find
/// nothing wrong with the code as it is: the same tests pass, and the seed that caught the mutant
/// holds.
///
/// System properties: `only`, names separated by commas; `seconds` (90) for each simulated one.
public final class Mutants {
  private final Path target;
  private final Laboratory laboratory;
  private final Judge judge;
  private final Path empty;
  private final Map<String, Boolean> sound = new HashMap<>();
  private int caught;

  private Mutants(Path root, String classPath) throws IOException {
    target = root.resolve("target");
    laboratory = new Laboratory(root, classPath);
    judge = new Judge(classPath, Integer.getInteger("seconds", 90));
    empty = Files.createTempDirectory(target, "unmutated-");
  }

  public static void main(String[] args) throws Exception {
    Path root = Path.of("").toAbsolutePath();
    Mutants zoo = new Mutants(root, System.getProperty("java.class.path"));
    List<Mutant> all = new ArrayList<>(Mutant.readAll(root.resolve("simulation/src/main/mutants")));
    String only = System.getProperty("only", "");
    if (!only.isEmpty()) {
      all.removeIf(m -> !List.of(only.split(",", -1)).contains(m.name()));
    }
    for (Mutant mutant : all) {
      zoo.examine(mutant);
    }
    System.out.printf("mutants: %d/%d caught%n", zoo.caught, all.size());
    System.exit(zoo.caught == all.size() && !all.isEmpty() ? 0 : 1);
  }

  private void examine(Mutant mutant) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(target, "mutant-");
    long begun = System.nanoTime();
    laboratory.make(mutant, folder);
    Optional<String> seen = judge.judge(mutant.judge(), folder);
    double took = (System.nanoTime() - begun) / 1e9;
    boolean real = seen.isPresent() && !sees(mutant, seen.get());
    caught += real ? 1 : 0;
    String verdict =
        seen.isEmpty()
            ? "NOT CAUGHT by " + mutant.judge()
            : real ? seen.get() : "VACUOUS: " + seen.get();
    System.out.printf("%-34s %6.1f s  %s%n", mutant.name(), took, verdict);
    System.out.flush();
  }

  /// True when the same is seen in the code as it is.
  private boolean sees(Mutant mutant, String seen) throws IOException, InterruptedException {
    if (mutant.simulated()) {
      return judge.replay(seen.substring(seen.indexOf('=') + 1), empty).isPresent();
    }
    Boolean known = sound.get(mutant.judge());
    if (known == null) {
      known = judge.judge(mutant.judge(), empty).isEmpty();
      sound.put(mutant.judge(), known);
    }
    return !known;
  }
}
