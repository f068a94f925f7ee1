package dev.reseolio.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.traffic.Inbound;
import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class UnixSocketTest {
  @TempDir Path dir;

  private UnixServerSocket listen(Path path) throws IOException {
    var server =
        new UnixServerSocket(
            new ServerSockets.Admission(
                Encryption.NONE,
                new ConnectionLimit(100),
                new Pace(new Backlog(Runnable::run), new Inbound())));
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  @Test
  void theFileIsPrivateAndGoesAway() throws Exception {
    var path = dir.resolve("s");
    try (var server = listen(path)) {
      assertTrue(server.isBound());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aStaleFileIsReplacedALiveOneIsNot() throws Exception {
    var path = dir.resolve("s");
    try (var stale = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      stale.bind(UnixDomainSocketAddress.of(path));
      assertThrows(BindException.class, () -> listen(path));
    }
    assertTrue(Files.exists(path));
    try (var server = listen(path)) {
      assertThrows(BindException.class, () -> listen(path));
      assertFalse(server.isClosed());
    }
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws Exception {
    var path = Files.writeString(dir.resolve("notes"), "mine");
    assertThrows(BindException.class, () -> listen(path));
    assertEquals("mine", Files.readString(path));
  }

  @Test
  void bothSidesWriteAndReadAtTheSameTime() throws Exception {
    var path = dir.resolve("s");
    var payload = new byte[8 << 20];
    new Random(7).nextBytes(payload);
    var sent = Frames.of(Frames.frame(9, 0, 0, payload));
    try (var server = listen(path);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = UnixSocket.open(UnixDomainSocketAddress.of(path));
        var accepted = server.accept()) {
      Callable<byte[]> there = () -> client.getInputStream().readNBytes(sent.length);
      Callable<byte[]> here = () -> accepted.getInputStream().readNBytes(sent.length);
      var one = threads.submit(there);
      var two = threads.submit(here);
      var three =
          threads.submit(() -> {
            client.getOutputStream().write(sent);
            return true;
          });
      accepted.getOutputStream().write(sent);
      assertTrue(three.get());
      assertArrayEquals(sent, one.get());
      assertArrayEquals(sent, two.get());
    }
  }

  @Test
  void closingEndsABlockedAccept() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var server = listen(dir.resolve("s"));
      var accepting = threads.submit(() -> server.accept());
      server.close();
      assertThrows(ExecutionException.class, accepting::get);
    }
  }
}
