package dev.reseolio.survival.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Short chaos runs. The seeds of runs that failed once stay here.
@Timeout(300)
class ChaosIT {
  private static final Path FOLDER = Path.of("target", "chaos-logs").toAbsolutePath();

  /// Frozen processes are found out sooner, so that there is time for more.
  private static final List<String> SHORT = List.of("sidecars=2", "rate=120", "deadafter=4s");

  private static void run(String... more) throws Exception {
    List<String> args = new ArrayList<>(SHORT);
    args.addAll(List.of(more));
    assertEquals(0, Chaos.run(args.toArray(String[]::new), FOLDER), "see the lines above");
  }

  @Test
  void processesAndNetworks() throws Exception {
    run(
        "duration=1",
        "seed=1",
        "standby=none",
        "faults=sidecar-killed,sidecar-and-worker-killed,commit-in-doubt,stopped-inside-flush,worker-stream-flaps");
  }

  /// Each kind has its turn once.
  @Test
  void handlersThatDoNotAnswer() throws Exception {
    run(
        "duration=1",
        "seed=3",
        "standby=none",
        "faults=handlers-never-answer,handlers-ignore-cancel");
  }

  /// Before nodes followed the timeline they wrote to the old primary, and it was lost.
  @Test
  void anOldPrimaryThatReturns() throws Exception {
    run("duration=1", "seed=5", "standby=sync", "faults=failover-old-returns");
  }

  @Test
  void aCopyThatIsLate() throws Exception {
    run(
        "duration=1",
        "seed=1",
        "standby=sync",
        "faults=failover-without-new-lanes,failover-to-late-copy");
  }

  @Test
  void aDiskThatIsFull() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a disk");
    run("duration=1", "seed=1", "standby=none", "disk=250", "faults=disk-full");
  }

  @Test
  void aFreshSeed() throws Exception {
    run("duration=30", "standby=sync");
  }
}
