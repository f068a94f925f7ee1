package dev.reseolio.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.server.inbound.Inbound;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BacklogTest {
  private final Queue<Runnable> handed = new ArrayDeque<>();
  private final Backlog backlog = new Backlog(handed::add);

  private InputStream input(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return paced(backlog, content);
  }

  private static InputStream paced(Backlog backlog, byte[] content) {
    var in = new ByteArrayInputStream(content);
    return new Pace(backlog, new Inbound()).connection(in).input(in);
  }

  private void hand(int tasks) {
    for (int i = 0; i < tasks; i++) {
      backlog.execute(() -> {});
    }
  }

  /// A reader that is seen to wait.
  private static Thread waiting(InputStream in, CompletableFuture<Object> told)
      throws InterruptedException {
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                told.complete(in.read());
              } catch (IOException e) {
                told.complete(e);
              }
            });
    while (reader.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return reader;
  }

  @Test
  void whatIsReadPassesWhileFewWait() throws IOException {
    hand(Backlog.MOST);
    assertArrayEquals(new byte[] {1, 2, 3}, input(1, 2, 3).readAllBytes());
  }

  @Test
  void aReaderWaitsForTheFirstTurnOfOneTooMany() throws Exception {
    hand(Backlog.MOST + 1);
    var told = new CompletableFuture<Object>();
    waiting(input(7), told);
    handed.remove().run();
    assertEquals(7, told.get());
  }

  @Test
  void aTaskThatRunsOnIsNotWaitedFor() throws IOException {
    hand(Backlog.MOST);
    backlog.execute(() -> {
      try {
        assertEquals(7, input(7).read());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    handed.stream().toList().getLast().run();
  }

  @Test
  void aReaderThatIsInterruptedGivesUp() throws Exception {
    hand(Backlog.MOST + 1);
    var told = new CompletableFuture<Object>();
    waiting(input(7), told).interrupt();
    assertEquals(InterruptedIOException.class, told.get().getClass());
  }

  @Test
  void whatNobodyRunsDoesNotWait() throws IOException {
    Backlog closed =
        new Backlog(task -> {
          throw new RejectedExecutionException();
        });
    for (int i = 0; i <= Backlog.MOST; i++) {
      assertThrows(RejectedExecutionException.class, () -> closed.execute(() -> {}));
    }
    assertEquals(7, paced(closed, new byte[] {7}).read());
  }
}
