package dev.reseolio.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.server.traffic.Inbound;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BacklogTest {
  private static final int HEADERS = 1;
  private static final int PING = 6;
  private static final int HEAD_AND_PAYLOAD = 9 + 3;

  private final Queue<Runnable> handed = new ArrayDeque<>();
  private final Backlog backlog = new Backlog(handed::add);

  /// After what every client begins with.
  private static InputStream input(Backlog backlog) throws IOException {
    return input(backlog, HEADERS);
  }

  private static InputStream input(Backlog backlog, int type) throws IOException {
    byte[] all = Frames.of(Frames.frame(type, 0, 0, new byte[] {1, 2, 3}));
    var in = new ByteArrayInputStream(all);
    var paced = new Pace(backlog, new Inbound()).connection(in).input(in);
    paced.skipNBytes(Frames.PREFACE_BYTES);
    return paced;
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
    assertEquals(HEAD_AND_PAYLOAD, input(backlog).readAllBytes().length);
  }

  @Test
  void signsOfLifePassAlways() throws IOException {
    hand(Backlog.MOST + 1);
    assertEquals(HEAD_AND_PAYLOAD, input(backlog, PING).readAllBytes().length);
  }

  @Test
  void aReaderWaitsForTheFirstTurnOfOneTooMany() throws Exception {
    hand(Backlog.MOST + 1);
    var told = new CompletableFuture<Object>();
    waiting(input(backlog), told);
    handed.remove().run();
    assertEquals(0, told.get());
  }

  @Test
  void allWhoWaitAreReadWhenFewWait() throws Exception {
    hand(Backlog.MOST + 1);
    List<CompletableFuture<Object>> told = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      told.add(new CompletableFuture<>());
      waiting(input(backlog), told.getLast());
    }
    handed.remove().run();
    for (var one : told) {
      assertEquals(0, one.get());
    }
  }

  /// Else, among many readers, one might wait until its connection is taken for dead.
  @Test
  void whatComesMeanwhileDoesNotSendAReaderBackInTheQueue() throws Exception {
    for (int i = 0; i <= Backlog.MOST; i++) {
      handOn();
    }
    for (int i = 0; i < 100; i++) {
      var told = new CompletableFuture<Object>();
      waiting(input(backlog), told);
      handed.remove().run();
      assertEquals(0, told.get());
    }
  }

  /// A task that brings the next one as soon as it runs.
  private void handOn() {
    backlog.execute(this::handOn);
  }

  @Test
  void aTaskThatRunsOnIsNotWaitedFor() throws IOException {
    hand(Backlog.MOST);
    backlog.execute(() -> {
      try {
        assertEquals(0, input(backlog).read());
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
    waiting(input(backlog), told).interrupt();
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
    assertEquals(0, input(closed).read());
  }
}
