package dev.reseolio.engine.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A machine that goes without a word: a network namespace whose end of the cable is pulled.
@Timeout(60)
class KeepAliveTest {
  private static final String PLACE = "rs" + ProcessHandle.current().pid() % 1_000_000;
  private static final String HERE = "10.213.77.1";
  private static final String THERE = "10.213.77.2";

  @Test
  void aSocketAsksAfterASecondEachSecondAndTwice() throws Exception {
    try (var socket = new Socket()) {
      KeepAlive.on(socket);
      var told =
          socket.supportedOptions().stream()
              .filter(option -> option.name().startsWith("TCP_KEEP"))
              .collect(Collectors.toMap(option -> option.name(), option -> value(socket, option)));
      assumeTrue(!told.isEmpty(), "this system cannot be told");
      assertEquals(1, told.get("TCP_KEEPIDLE"));
      assertEquals(1, told.get("TCP_KEEPINTERVAL"));
      assertEquals(2, told.get("TCP_KEEPCOUNT"));
      assertTrue(socket.getKeepAlive());
    }
  }

  private static Object value(Socket socket, java.net.SocketOption<?> option) {
    try {
      return socket.getOption(option);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aMachineThatIsGoneWithoutAWordIsNoticedWithin3500Milliseconds() throws Exception {
    assumeTrue(run("ip", "netns", "add", PLACE), "no right to make a network namespace");
    try {
      connectTheNamespace();
      try (var door = new ServerSocket()) {
        door.bind(new InetSocketAddress(InetAddress.ofLiteral(HERE), 0));
        Process far = farEnd(door.getLocalPort());
        try (Socket socket = door.accept()) {
          KeepAlive.on(socket);
          socket.setSoTimeout(10_000);
          assertEquals('x', socket.getInputStream().read());
          assertTrue(run("ip", "-n", PLACE, "link", "set", PLACE + "b", "down"));
          long begin = System.nanoTime();
          IOException gone = assertThrows(IOException.class, () -> socket.getInputStream().read());
          long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
          assertTrue(!(gone instanceof SocketTimeoutException), "noticed by nobody");
          assertTrue(took <= 3500, "noticed after " + took + " ms");
        } finally {
          far.destroyForcibly();
        }
      }
    } finally {
      run("ip", "netns", "del", PLACE);
    }
  }

  private static void connectTheNamespace() throws Exception {
    String near = PLACE + "a";
    String far = PLACE + "b";
    for (String command :
        new String[] {
          "ip link add " + near + " type veth peer name " + far + " netns " + PLACE,
          "ip addr add " + HERE + "/30 dev " + near,
          "ip link set " + near + " up",
          "ip -n " + PLACE + " addr add " + THERE + "/30 dev " + far,
          "ip -n " + PLACE + " link set " + far + " up"
        }) {
      assertTrue(run(command.split(" ", -1)), command);
    }
  }

  /// Connects from the namespace, says a word and then nothing.
  private static Process farEnd(int port) throws IOException {
    return new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            PLACE,
            "bash",
            "-c",
            "exec 3<>/dev/tcp/%s/%d; printf x >&3; read -r -u 3 -t 30".formatted(HERE, port))
        .start();
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(Stream.of(command).toList()).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    }
  }
}
