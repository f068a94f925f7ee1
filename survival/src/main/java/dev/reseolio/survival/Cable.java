package dev.reseolio.survival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The only way between the switch of a [Network] and what runs behind it, which has a network of
/// its own. When it is pulled, packets of both sides vanish, and neither kernel is told why the
/// other does not answer.
public final class Cable implements AutoCloseable {
  private static final String FAR_END = "eth0";
  private static final String ESTABLISHED = "01";

  // Columns of /proc/net/dev, and of /proc/net/tcp.
  private static final int DROPPED_WHEN_SENT = 12;
  private static final int STATE = 3;
  private static final int QUEUES = 4;

  /// Keeps what is behind the cable until its input ends, which it does when this process has
  /// ended, however that was.
  private final Process keeper;

  private final String end;
  private final String address;
  private long droppedBefore;

  private Cable(Process keeper, String end, String address) {
    this.keeper = keeper;
    this.end = end;
    this.address = address;
  }

  /// @param end its name at the switch
  /// @param address of its far end
  static Cable lay(String end, String toSwitch, String address) throws IOException {
    var cable = new Cable(keeper(), end, address);
    try {
      cable.lay(toSwitch);
      return cable;
    } catch (IllegalStateException failed) {
      cable.close();
      throw failed;
    }
  }

  /// Returns when it is apart: it answers only then.
  private static Process keeper() throws IOException {
    Process keeper = new ProcessBuilder("unshare", "--net", "cat").start();
    keeper.outputWriter().append('\n').flush();
    if (keeper.inputReader().readLine() == null) {
      throw new IllegalStateException("failed: unshare --net");
    }
    return keeper;
  }

  private void lay(String toSwitch) {
    String pid = Long.toString(keeper.pid());
    Network.run("ip", "link", "add", end, "type", "veth", "peer", "name", FAR_END, "netns", pid);
    Network.run("ip", "link", "set", end, "master", toSwitch, "up");
    behind("ip", "link", "set", "lo", "up");
    behind("ip", "address", "add", address + "/24", "dev", FAR_END);
    behind("ip", "link", "set", FAR_END, "up");
  }

  private void behind(String... command) {
    Network.run(Stream.of(before(), List.of(command)).flatMap(List::stream).toArray(String[]::new));
  }

  /// The words before a command that runs behind the cable, and not longer than the thread that
  /// starts it.
  public List<String> before() {
    String pid = Long.toString(keeper.pid());
    return List.of("nsenter", "--target", pid, "--net", "setpriv", "--pdeathsig", "KILL");
  }

  /// Who speaks through it has this address.
  public String address() {
    return address;
  }

  /// Out of the switch.
  public void pull() throws IOException {
    droppedBefore = dropped();
    Network.run("ip", "link", "set", end, "down");
  }

  /// Into it again.
  public void plug() {
    Network.run("ip", "link", "set", end, "up");
  }

  /// How many packets were sent from behind it and went nowhere since it was pulled.
  public long vanished() throws IOException {
    return dropped() - droppedBefore;
  }

  private long dropped() throws IOException {
    return table("dev")
        .filter(words -> words[0].equals(FAR_END + ":"))
        .mapToLong(words -> Long.parseLong(words[DROPPED_WHEN_SENT]))
        .sum();
  }

  /// How many bytes were sent from behind it, and wait for their receipt.
  public long unacknowledged() throws IOException {
    return Stream.concat(table("tcp"), table("tcp6"))
        .filter(words -> words[STATE].equals(ESTABLISHED))
        .mapToLong(words -> Long.parseLong(words[QUEUES].replaceFirst(":.*", ""), 16))
        .sum();
  }

  /// What the kernel tells of the network behind it: words of lines.
  private Stream<String[]> table(String name) throws IOException {
    Path file = Path.of("/proc", Long.toString(keeper.pid()), "net", name);
    return Files.readAllLines(file).stream().map(line -> line.strip().split("\\s+", -1));
  }

  /// What still runs behind it has no way any more.
  @Override
  public void close() {
    Signals.run("ip", "link", "delete", end);
    keeper.destroy();
  }
}
