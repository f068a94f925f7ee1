package dev.reseolio.survival.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reseolio.survival.Signals;
import java.io.IOException;
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

  /// In a process of its own: this one is in the network of the machine.
  @Test
  void aCableThatIsPulled() throws Exception {
    assumeTrue(
        Signals.run("unshare", "--net", "ip", "link", "set", "lo", "up"),
        "only root may have a network of its own");
    Process run = apart("duration=1", "seed=1", "standby=none", "faults=unplugged");
    try {
      run.inputReader().lines().forEach(System.out::println);
      assertEquals(0, run.waitFor(), "see the lines above");
    } finally {
      run.destroy();
    }
  }

  private static Process apart(String... more) throws IOException {
    Path root = Path.of(System.getProperty("reseolio.root"));
    List<String> words = new ArrayList<>();
    words.add(root.resolve("scripts/apart").toString());
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-Dreseolio.root=" + root);
    words.add("-Dreseolio.bin=" + System.getProperty("reseolio.bin"));
    words.addAll(List.of("-cp", System.getProperty("surefire.test.class.path")));
    words.add(Chaos.class.getName());
    words.addAll(SHORT);
    words.addAll(List.of(more));
    return new ProcessBuilder(words).redirectErrorStream(true).start();
  }

  @Test
  void noCableIsPulledInTheNetworkOfTheMachine() {
    refused("unplugged needs cable=pulled", "faults=unplugged");
    refused("expected cable=none", "cable=pulled");
  }

  private static void refused(String why, String argument) {
    var refused = assertThrows(IllegalArgumentException.class, () -> run(argument));
    assertTrue(refused.toString().contains(why), refused::toString);
  }

  @Test
  void aFreshSeed() throws Exception {
    run("duration=30", "standby=sync");
  }
}
