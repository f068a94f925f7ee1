package dev.reseolio.simulation.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The short form of `make mutants`: all fit their sources, and the simulation notices some.
class MutantsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private static List<Mutant> all() throws IOException {
    return Mutant.readAll(ROOT.resolve("simulation/src/main/mutants"));
  }

  @Test
  void everyMutantFitsItsSource() throws IOException {
    assertTrue(all().size() >= 12);
    for (Mutant mutant : all()) {
      String source = Files.readString(ROOT.resolve(mutant.source()));
      assertNotEquals(source, mutant.apply(source), mutant.name());
    }
  }

  @Test
  void aMutantWhoseTextIsGoneIsAnError() {
    Mutant mutant = new Mutant("m", "A.java", "simulation", "gone", "wrong");
    assertThrows(IllegalArgumentException.class, () -> mutant.apply("something else"));
    assertThrows(IllegalArgumentException.class, () -> mutant.apply("gone and gone"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "handed-out-before-commit",
        "low-id-without-reservations",
        "unknown-taken-for-failed"
      })
  void theSimulationNoticesAndTheSeedHoldsWithoutTheMutant(
      String name, @TempDir Path mutated, @TempDir Path empty) throws Exception {
    Mutant mutant = all().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    new Laboratory(ROOT, CLASS_PATH).make(mutant, mutated);
    Judge judge = new Judge(CLASS_PATH, 60);
    String seen = judge.judge(Mutant.SIMULATION, mutated).orElseThrow();
    String seed = seen.substring(seen.indexOf('=') + 1);
    assertEquals(Optional.empty(), judge.replay(seed, empty));
  }
}
