package dev.reseolio.survival;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// A network of this run's own: a switch, this process and its databases on it at [#HERE], and
/// others behind a [Cable] each. Only where [#possible] says so, and nothing of it is left when the
/// last process in it has ended. 192.0.2.0/24 belongs to nobody.
public final class Network {
  public static final String HERE = "192.0.2.1";

  /// The network of the machine, as its kernel calls it.
  private static final String MACHINES = "APART_FROM";

  private static final Path OURS = Path.of("/proc/self/ns/net");
  private static final String SWITCH = "switch";
  private static final int MOST = 250;
  private final AtomicInteger cables = new AtomicInteger();

  private Network() {}

  /// True when `scripts/apart` took this process out of the network of the machine, which is never
  /// touched, and nothing outside can be reached.
  public static boolean possible() {
    String machines = System.getenv(MACHINES);
    try {
      return machines != null
          && !machines.equals(Files.readSymbolicLink(OURS).toString())
          && NetworkInterface.networkInterfaces().allMatch(Network::reachesNobody);
    } catch (IOException notTold) {
      return false;
    }
  }

  private static boolean reachesNobody(NetworkInterface one) {
    try {
      return one.isLoopback() || !one.isUp();
    } catch (SocketException notTold) {
      return false;
    }
  }

  /// @throws IllegalStateException it is not possible here
  public static Network build() {
    if (!possible()) {
      throw new IllegalStateException(
          "expected to be in a network of its own, but this is the machine's: use scripts/apart");
    }
    run("ip", "link", "add", SWITCH, "type", "bridge");
    run("ip", "address", "add", HERE + "/24", "dev", SWITCH);
    run("ip", "link", "set", SWITCH, "up");
    return new Network();
  }

  /// A new one, plugged in.
  public Cable cable() throws IOException {
    int number = cables.getAndIncrement() % MOST + 2;
    return Cable.lay("cable" + number, SWITCH, "192.0.2." + number);
  }

  static void run(String... command) {
    if (!Signals.run(command)) {
      throw new IllegalStateException("failed: " + String.join(" ", command));
    }
  }
}
